"""Events for people: the line of each, and what is hidden of it unless it is asked for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.topics import ALL_TOPICS

# What a line shows of a body, in this order.
SHOWN = ("start", "reason", "purpose", "by", "rule", "recipient", "kind", "handle", "title")
PERSONAL_SHOWN = ("name", "display_name", "email")
MASK = "***"

PERSONAL_TOPICS = frozenset(topic.name for topic in ALL_TOPICS if topic.personal_data)
# On a topic for personal data all but these is hidden: a new field is hidden from the start.
IMPERSONAL = frozenset({"time_zone", "locale", "question_id"})
# On the others these are: whom somebody meets, where, and by what secret; and every address.
PERSONAL = frozenset(
    {"name", "display_name", "email", "address", "number", "join_url", "label", "url_template"}
)
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
# They look like addresses of mail and are none.
NO_ADDRESS = frozenset({"uid", "message_id"})


def event_line(
    topic: str, sequence: int | None, name: str, body: object, *, personal: bool = False
) -> str:
    """Return an event as a line of the table: what it is, and the fields that tell most."""
    number = "-" if sequence is None else sequence
    shown = _summary(body, (*SHOWN, *PERSONAL_SHOWN) if personal else SHOWN)
    return f"{topic:<23} #{number:<2} {name:<19} {shown}".rstrip()


def _summary(body: object, names: Sequence[str]) -> str:
    if not isinstance(body, Mapping):
        return ""
    return ", ".join(f"{name} {body[name]}" for name in names if body.get(name))


def masked(topic: str, body: object) -> Any:
    """Return the body with what is personal hidden."""
    return _masked(body, "", everything=topic in PERSONAL_TOPICS)


def _masked(value: object, name: str, *, everything: bool) -> Any:
    match value:
        case Mapping():
            return {key: _masked(each, key, everything=everything) for key, each in value.items()}
        case list():
            return [_masked(each, name, everything=everything) for each in value]
        case None:
            return None
    if name in PERSONAL or (everything and not _is_impersonal(name)):
        return MASK
    if isinstance(value, str) and name not in NO_ADDRESS:
        return ADDRESS.sub(MASK, value)
    return value


def _is_impersonal(name: str) -> bool:
    return name in IMPERSONAL or name == "id" or name.endswith("_id")
