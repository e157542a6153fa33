"""Settings as PowerShell's Format-List prints them: `EwsEnabled : True`."""

import re
from collections.abc import Sequence
from typing import Any

from services.operations.policy.powershell_tokens import DOUBLE, SINGLE
from services.operations.policy.settings import Document, Property, Resource

# An entry with one of these is quoted: only so does the line say where it ends.
_AMBIGUOUS = re.compile(rf"[,{{}}{SINGLE}{DOUBLE}]|^\s|\s$|^$")


class NoSuchProperty(Exception):
    """A pattern names no property; the message lists those that there are."""

    def __init__(self, pattern: str, resource: Resource) -> None:
        names = ", ".join(each.name for each in resource.properties)
        super().__init__(f"{pattern} is no property of {resource.noun}. There are: {names}.")


def shown(value: Any) -> str:
    """Return a value in PowerShell's words."""
    match value:
        case None:
            return ""
        case list() | tuple():
            return "{" + ", ".join(_entry(str(each)) for each in value) + "}"
        case _:
            return str(value)


def _entry(text: str) -> str:
    if not _AMBIGUOUS.search(text):
        return text
    return "'" + re.sub(f"([{SINGLE}])", r"\1\1", text) + "'"


def chosen(resource: Resource, patterns: Sequence[str] | None) -> tuple[Property, ...]:
    """Return the properties that the patterns name, in their order; raise NoSuchProperty."""
    if patterns is None:
        return resource.properties
    found: dict[Property, None] = {}
    for pattern in patterns:
        written = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
        named = re.compile(written, re.IGNORECASE | re.DOTALL)
        matching = [each for each in resource.properties if named.fullmatch(each.name)]
        if not matching:
            raise NoSuchProperty(pattern, resource)
        found |= dict.fromkeys(matching)
    return tuple(found)


def format_list(document: Document, properties: Sequence[Property]) -> str:
    """Return one line for each property, the names as wide as the longest."""
    width = max(len(each.name) for each in properties)
    lines = (f"{each.name:{width}} : {shown(each.of(document))}" for each in properties)
    return "\n".join(line.rstrip() for line in lines)
