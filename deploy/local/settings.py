"""What the caller's environment says about the local stack: which parts, where and how many."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASES = ("booking", "availability", "notifier", "policy")
FOUNDATION = ("postgres", "kafka", "inbox", "oidc")

# A part is not started when the setting that names it points at one that already runs.
TAKEN_FROM = {
    "postgres": "BOOKWITH_DATABASE_URL",
    "kafka": "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS",
    "inbox": "BOOKWITH_SMTP_URL",
    "oidc": "BOOKWITH_OIDC_ISSUER",
}


class WrongSetting(Exception):
    """A setting that cannot be used; its words name it and say what it should be."""


def all_services() -> tuple[str, ...]:
    """Return the services of this checkout; operations serves once it has a page to serve."""
    serves = (ROOT / "services" / "operations" / "app.py").is_file()
    return (*DATABASES, "operations") if serves else DATABASES


def state_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds the stack's state."""
    return Path(environment.get("BOOKWITH_STATE_DIR") or ROOT / ".local").resolve()


@dataclass(frozen=True, slots=True)
class StackSettings:
    """One local stack."""

    state_dir: Path
    instances: int = 1
    free_ports: bool = False
    port_offset: int = 0
    foundation: tuple[str, ...] = FOUNDATION
    services: tuple[str, ...] = ()
    seed: bool = True
    throw_away: bool = False
    """Nobody reads the state once the stack has ended, so it is not made safe at the end."""
    external: Mapping[str, str] = field(default_factory=dict)

    def starts(self, part: str) -> bool:
        """Say whether the stack itself runs this part of its foundation."""
        return part in self.foundation and part not in self.external

    def instance_names(self, service: str) -> tuple[str, ...]:
        """Return the names of the service's processes."""
        if self.instances == 1 or service == "operations":
            return (service,)
        return tuple(f"{service}-{number}" for number in range(1, self.instances + 1))


def from_environment(
    *,
    foundation: tuple[str, ...] = FOUNDATION,
    services: tuple[str, ...],
    seed: bool = True,
    throw_away: bool = False,
) -> StackSettings:
    """Read the BOOKWITH_ settings that concern the stack itself."""
    ports = os.environ.get("BOOKWITH_PORTS", "fixed")
    if ports not in ("fixed", "free"):
        raise WrongSetting(f"BOOKWITH_PORTS is {ports!r}; it should be: fixed or free")
    return StackSettings(
        state_dir=state_dir(),
        instances=_number("BOOKWITH_INSTANCES", 1, 1, 8),
        free_ports=ports == "free",
        port_offset=_number("BOOKWITH_PORT_OFFSET", 0, 0, 50_000),
        foundation=FOUNDATION if services else foundation,  # they stand on all of it
        services=services,
        seed=seed,
        throw_away=throw_away,
        external={
            part: os.environ[name] for part, name in TAKEN_FROM.items() if os.environ.get(name)
        },
    )


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise WrongSetting(f"{name} is {text!r}; it should be: a number, {lowest} to {highest}")
    return int(text)
