"""What a SCIM client sends, as JSON that means one thing: no name twice, nothing too deep."""

import json
from typing import Any, NoReturn, TypeAlias

from services.policy.scim.faults import refused

Json: TypeAlias = Any  # what a JSON document may hold; each reader checks what it takes
_DEEPEST = 8


def parsed(body: bytes) -> dict[str, Json]:
    """Return the object that the body is; raise `invalidSyntax`."""
    try:
        document = json.loads(
            body.decode(), object_pairs_hook=_object, parse_constant=_not_a_number
        )
        # A half of a surrogate pair is in no text that can be kept.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as fault:
        raise refused("invalidSyntax", "The body is not a JSON document in UTF-8.") from fault
    if not isinstance(document, dict):
        raise refused("invalidSyntax", "The body must be a JSON object.")
    _refuse_deep(document, _DEEPEST)
    return document


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return the object; two members whose names differ in case only would be one attribute."""
    if len({name.casefold() for name, _ in pairs}) < len(pairs):
        raise refused("invalidSyntax", "An attribute is given twice.")
    return dict(pairs)


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(text)


def _refuse_deep(value: Json, levels: int) -> None:
    if not levels:
        raise refused("invalidSyntax", "The body is nested too deeply.")
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        if isinstance(each, dict | list):
            _refuse_deep(each, levels - 1)
