"""Secrets of one local stack: made once, kept beside its data, readable by their owner only."""

import base64
import json
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SecretValues:
    """What must stay the same from one run to the next, or links and ids would change."""

    token_keys: str
    organization_namespace: str


def read_or_make(state_dir: Path, environment: Mapping[str, str] = os.environ) -> SecretValues:
    """Return the stack's secrets; what the environment says comes first."""
    kept = _kept(state_dir / "secrets.json")
    return SecretValues(
        environment.get("BOOKWITH_TOKEN_KEYS") or kept.token_keys,
        environment.get("BOOKWITH_ORGANIZATION_NAMESPACE") or kept.organization_namespace,
    )


def organizer_id(namespace: str, identity: str) -> str:
    """Return the id that a person has in all services."""
    return str(uuid.uuid5(uuid.UUID(namespace), identity))


def _kept(path: Path) -> SecretValues:
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
