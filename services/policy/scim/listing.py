"""What a SCIM client may ask of a list: a filter, a page, and which attributes it wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from services.chassis.ids import FIRST, parse_id
from services.policy.directory.entries import key_of
from services.policy.directory.provisioned import Condition
from services.policy.scim.answers import MOST_LISTED
from services.policy.scim.faults import refused
from services.policy.scim.filters import Term, parse_filter
from services.policy.scim.paths import path_of

Shown = Callable[[dict[str, Any]], dict[str, Any]]
SHOWN = ("attributes", "excludedAttributes")
_ALWAYS = frozenset({"schemas", "id", "meta"})
_FARTHEST = 10**9
PARAMETERS: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "schema": {"type": kind}}
        for name, kind in (
            ("filter", "string"),
            ("startIndex", "integer"),
            ("count", "integer"),
            ("attributes", "string"),
            ("excludedAttributes", "string"),
        )
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The page of a list that is asked for."""

    equal: Mapping[Condition, object]
    start: int
    count: int
    shown: Shown


def asked_of(query: QueryParams) -> Listing:
    """Return what the query asks for; raise for anything in it that is not understood."""
    refuse_unknown(query, "filter", "startIndex", "count", *SHOWN)
    terms = parse_filter(query["filter"]) if "filter" in query else []
    return Listing(
        equal=_equal(terms),
        start=min(max(_number(query, "startIndex", 1), 1), _FARTHEST),
        count=min(max(_number(query, "count", MOST_LISTED), 0), MOST_LISTED),
        shown=shown_of(query),
    )


def refuse_unknown(query: QueryParams, *known: str) -> None:
    """Raise `invalidValue` for a parameter that is not known, or given twice."""
    names = [name for name, _ in query.multi_items()]
    for name in names:
        if name not in known or names.count(name) > 1:
            raise refused("invalidValue", f"The parameter {name[:100]!r} is not understood here.")


def shown_of(query: QueryParams) -> Shown:
    """Return what leaves out of a user what the client does not want."""
    wanted, unwanted = (_names(query.get(name)) for name in SHOWN)
    if wanted and unwanted:
        raise refused("invalidValue", "Either attributes or excludedAttributes, not both.")

    def shown(user: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in user.items()
            if name in _ALWAYS or (name not in unwanted and (not wanted or name in wanted))
        }

    return shown


def _names(text: str | None) -> set[str]:
    names = [each for each in (text or "").split(",") if each.strip()]
    if len(names) > 100:
        raise refused("invalidValue", "Too many attributes are named.")
    return {path_of(each).attribute.name for each in names if each.strip() != "schemas"}


def _number(query: QueryParams, name: str, otherwise: int) -> int:
    text = query.get(name)
    if text is None:
        return otherwise
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise refused("invalidValue", f"{name} must be a whole number.")
    return int(text)


def _equal(terms: list[Term]) -> Mapping[Condition, object]:
    """Return the values to look for; two different ones for one attribute find nobody."""
    equal: dict[Condition, object] = {}
    for term in terms:
        value = _value(term)
        if equal.setdefault(term.compared, value) != value:
            return {"id": FIRST}
    return equal


def _value(term: Term) -> object:
    match term.compared:
        case "user_name":
            return key_of(term.value)
        case "active":
            return term.value == "true"
        case "id":
            return parse_id(term.value) or FIRST
        case _:
            return term.value
