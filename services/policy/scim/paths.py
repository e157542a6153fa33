"""Paths to attributes: `active`, `name.givenName`, `emails[type eq "work"].value`."""

import json
import re
from dataclasses import dataclass

from services.policy.scim.attributes import CORE, SCHEMAS, SUB_ATTRIBUTES, Attribute
from services.policy.scim.faults import refused

_PATH = re.compile(
    r"(?:(?P<schema>urn:[^\[\]\"]+):)?(?P<name>[A-Za-z][\w-]*)"
    r"(?:\[(?P<selection>[^\[\]]*)\])?(?:\.(?P<sub>\$?[A-Za-z][\w-]*))?",
    re.IGNORECASE,
)
_SELECTION = re.compile(
    r"\s*(?P<name>type|primary|value)\s+eq\s+(?P<value>\"(?:[^\"\\]|\\.)*\"|true|false)\s*",
    re.IGNORECASE,
)
LONGEST_PATH = 300
_NAME = re.compile(r"[A-Za-z$][A-Za-z0-9$.:-]{0,99}")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which values of a list are meant: those of which one part is equal to a text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """One attribute, or a part of it; names of parts are in lower case."""

    attribute: Attribute
    selection: Selection | None = None
    sub: str | None = None


def path_of(text: str, schema: str = CORE) -> Path:
    """Return what the text leads to; raise `invalidPath`."""
    found = _PATH.fullmatch(text.strip()) if len(text) <= LONGEST_PATH else None
    if found is None:
        raise refused("invalidPath", f"The path{_shown(text)} is not one of an attribute.")
    attributes = SCHEMAS.get((found["schema"] or schema).casefold(), {})
    attribute = attributes.get(found["name"].casefold())
    if attribute is None:
        raise refused(
            "invalidPath",
            f"Users have no attribute{_shown(text)} here; leave it out of what is sent.",
        )
    sub = found["sub"].casefold() if found["sub"] else None
    if sub is not None and (attribute.kind in ("text", "flag") or sub not in SUB_ATTRIBUTES):
        raise refused("invalidPath", f"{attribute.name} has no part{_shown(found['sub'])}.")
    selection = found["selection"]
    if selection is None:
        return Path(attribute, None, sub)
    if attribute.kind != "list":
        raise refused("invalidPath", f"{attribute.name} is no list to select from.")
    return Path(attribute, _selection(selection), sub)


def is_schema(text: str) -> bool:
    """Tell whether the text is the address of a schema and not a path to an attribute."""
    return text.strip().casefold() in SCHEMAS


def _selection(text: str) -> Selection:
    found = _SELECTION.fullmatch(text)
    if found is None:
        detail = 'The selection of the path is not understood; [type eq "work"] would be.'
        raise refused("invalidPath", detail)
    return Selection(found["name"].casefold(), literal(found["value"]).casefold())


def literal(text: str) -> str:
    """Return the text of a value in a filter: in quotation marks, or true or false."""
    if not text.startswith('"'):
        return text
    try:
        value: str = json.loads(text)
        value.encode()
    except ValueError as fault:
        raise refused("invalidFilter", "A value of the filter is not a text.") from fault
    return value


def _shown(text: str) -> str:
    """Return a name as refusals say it: the audit keeps them, and no value that was sent."""
    return f" {text}" if _NAME.fullmatch(text) else ""
