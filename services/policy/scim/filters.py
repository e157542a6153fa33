"""Filters of a list: the comparisons that providers send, and an error for every other one."""

import re
from dataclasses import dataclass
from typing import Literal

from services.chassis.http.problems import Problem
from services.policy.scim.faults import refused
from services.policy.scim.paths import Path, literal, path_of

Compared = Literal["user_name", "external_id", "id", "mail", "display_name", "active"]
LONGEST_FILTER = 1000
MOST_TERMS = 5
_TERM = re.compile(
    r"\s*(?P<path>[^\s\[\]\"]+(?:\[[^\[\]]*\][^\s\[\]\"]*)?)\s+(?P<operator>[A-Za-z]+)"
    r"(?:\s+(?P<value>\"(?:[^\"\\]|\\.)*\"|true|false))?\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"and\s", re.IGNORECASE)
_COMPARED: dict[tuple[str, str | None], Compared] = {
    ("userName", None): "user_name",
    ("externalId", None): "external_id",
    ("id", None): "id",
    ("displayName", None): "display_name",
    ("active", None): "active",
    ("emails", None): "mail",
    ("emails", "value"): "mail",
}
_UNDERSTOOD = (
    "A filter compares userName, externalId, id, displayName, emails.value or active with eq; "
    "several with `and` between."
)


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison: the attribute is equal to the value."""

    compared: Compared
    value: str


def parse_filter(text: str) -> list[Term]:
    """Return the comparisons, which all must hold; raise `invalidFilter`."""
    if len(text) > LONGEST_FILTER or "\0" in text:
        raise refused("invalidFilter", "The filter is too long, or is no text.")
    terms: list[Term] = []
    place = 0
    while True:
        found = _TERM.match(text, place)
        if found is None or len(terms) == MOST_TERMS:
            raise refused("invalidFilter", _UNDERSTOOD)
        terms.append(_term(found))
        place = found.end()
        if place == len(text):
            return terms
        joined = _AND.match(text, place)
        if joined is None:
            raise refused("invalidFilter", _UNDERSTOOD)
        place = joined.end()


def _term(found: re.Match[str]) -> Term:
    path = _path(found["path"])
    compared = _COMPARED.get((path.attribute.name, path.sub))
    of_work = path.selection is None or (path.selection.name, path.selection.value) in (
        ("type", "work"),
        ("primary", "true"),
    )
    if found["operator"].casefold() != "eq" or found["value"] is None:
        raise refused("invalidFilter", _UNDERSTOOD)
    value = literal(found["value"])
    is_flag = value.casefold() in ("true", "false")
    if compared is None or not of_work or (compared == "active" and not is_flag):
        raise refused("invalidFilter", _UNDERSTOOD)
    if compared != "active" and not found["value"].startswith('"'):
        raise refused("invalidFilter", _UNDERSTOOD)
    if "\0" in value:
        raise refused("invalidFilter", "A value has a character that no text can hold.")
    return Term(compared, value.casefold() if compared == "active" else value)


def _path(text: str) -> Path:
    try:
        return path_of(text)
    except Problem as fault:
        raise refused("invalidFilter", fault.detail) from fault
