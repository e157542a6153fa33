"""What one local stack is made of: the caller's settings, and the secrets that it keeps itself."""

import base64
import json
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASES = ("booking", "availability", "notifier", "policy")
FOUNDATION = ("postgres", "kafka", "inbox", "oidc")

# A part is not started when the setting that names it gives the address of one that runs already.
TAKEN_FROM = {
    "postgres": "BOOKWITH_DATABASE_URL",
    "kafka": "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS",
    "inbox": "BOOKWITH_SMTP_URL",
    "oidc": "BOOKWITH_OIDC_ISSUER",
}


class WrongSetting(Exception):
    """A setting that cannot be used; the message names it and says what it should be."""


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
    """The state is not read again after the stack has ended, so it is not saved at the end."""
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
        foundation=FOUNDATION if services else foundation,  # services need all of it
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


@dataclass(frozen=True, slots=True)
class SecretValues:
    """What must stay the same from one run to the next; otherwise links and ids would change."""

    token_keys: str
    organization_namespace: str


def secret_values(state_dir: Path, environment: Mapping[str, str] = os.environ) -> SecretValues:
    """Return the stack's secrets, made at the first call; the environment's values come first."""
    saved = _saved(state_dir / "secrets.json")
    return SecretValues(
        environment.get("BOOKWITH_TOKEN_KEYS") or saved.token_keys,
        environment.get("BOOKWITH_ORGANIZATION_NAMESPACE") or saved.organization_namespace,
    )


def organizer_id(namespace: str, identity: str) -> str:
    """Return the id that a person has in all services."""
    return str(uuid.uuid5(uuid.UUID(namespace), identity))


def _saved(path: Path) -> SecretValues:
    if path.is_file():
        return SecretValues(**json.loads(path.read_text()))
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    made = SecretValues(f"1:{key}", str(uuid.uuid4()))
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(made), file)
    unfinished.rename(path)
    return made
