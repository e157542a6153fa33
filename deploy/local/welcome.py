"""What is printed once everything is up: where to go, and as whom."""

from deploy.local.addresses import Addresses
from deploy.local.settings import StackSettings

PEOPLE = (
    ("anna, bo, organizer-1, organizer-2, ...", "organizers"),
    ("ada", "administrator"),
    ("otto", "operator"),
)


def welcome(settings: StackSettings, addresses: Addresses, seconds: float, seeded: str = "") -> str:
    """Return the lines; `seeded` is what the demo organization says about itself."""
    lines = ["", f"Everything is up after {seconds:.1f} s.", ""]
    rows = _service_rows(settings, addresses) + _foundation_rows(settings, addresses)
    lines += [f"  {line}" for line in seeded.splitlines()] + ([""] if seeded else [])
    lines += [f"  {what:<26} {where}" for what, where in rows]
    if settings.services:
        lines += ["", "  Sign in (no password) as"]
        lines += [f"    {names:<40} {role}" for names, role in PEOPLE]
        lines += ["", "  .venv/bin/bookwith token anna     prints a bearer token for the API"]
    lines += ["", "Ctrl-C stops everything; what was booked is there again next time."]
    return "\n".join(lines)


def _service_rows(settings: StackSettings, addresses: Addresses) -> list[tuple[str, str]]:
    return [
        (f"{service}, its API", f"{addresses.url(service)}/docs") for service in settings.services
    ]


def _foundation_rows(settings: StackSettings, addresses: Addresses) -> list[tuple[str, str]]:
    where = {
        "postgres": ("PostgreSQL", addresses.database_url("booking")),
        "kafka": ("Kafka", addresses.kafka),
        "inbox": ("mail inbox", addresses.url("inbox")),
        "oidc": ("OpenID provider", addresses.oidc_url),
    }
    return [where[part] for part in settings.foundation if settings.starts(part)]
