"""What a refused request asked for, as the audit keeps it: settings, and nothing personal."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from pydantic import BaseModel, JsonValue

from services.policy import schemas

# Of whoever is described by them, and not how the policy is set.
_PERSONAL = frozenset({"user", "display_name", "mail", "external_id"})
_SAID_ELSEWHERE = frozenset(schemas.Consented.model_fields)
LONGEST_ASKED = 4000
LONGEST_REASON = 1000


def _names(*kinds: type[BaseModel]) -> frozenset[str]:
    """Return how the settings may be named."""
    fields = [each for kind in kinds for each in kind.model_fields.items()]
    named = {name for name, field in fields} | {field.alias or name for name, field in fields}
    return frozenset(named - _PERSONAL - _SAID_ELSEWHERE)


SETTINGS = _names(
    schemas.OrganizationChange, schemas.UserChange, schemas.ImportedUser, schemas.SharingChange
)


def body_in(content: bytes, content_type: str) -> Mapping[str, JsonValue]:
    """Return what was sent, as JSON or as a form; nothing where it cannot be read."""
    try:
        text = content.decode()
        if content_type.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(text, max_num_fields=1000))
        # As text: what PostgreSQL has no number for, and what is none.
        found = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def asked_in(body: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """Return the settings that a body asks for; of an import how many users it has."""
    asked = {name: value for name, value in body.items() if name in SETTINGS}
    users = body.get("users")
    if isinstance(users, list):
        asked["users"] = len(users)
    try:
        length = len(json.dumps(asked))
        kept = asked if length <= LONGEST_ASKED else {"characters": length}
        return {plain(name): _plain(value) for name, value in kept.items()} or None
    except RecursionError:
        return None


def reason_in(body: Mapping[str, JsonValue]) -> str:
    """Return the reason that was given."""
    said = body.get("reason")
    return plain(said.strip()[:LONGEST_REASON]) if isinstance(said, str) else ""


def plain(text: str) -> str:
    """Return the text without what PostgreSQL cannot keep: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _plain(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return plain(value)
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {plain(name): _plain(each) for name, each in value.items()}
        case _:
            return value
