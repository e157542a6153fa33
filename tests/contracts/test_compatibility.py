"""What may change in a schema, and what breaks: pairs of schemas, good and bad."""

import pytest

from contracts.compatibility import Schema, breaking_changes

TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def body(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required)}


CALL = body(("kind",), kind={"const": "phone"})
CALL_WITH_MORE = body(("kind",), kind={"const": "phone"}, more=TEXT)
VISIT = body(("kind",), kind={"const": "in_person"})
NAMED = body(a={"$ref": "#/$defs/A"})

GOOD = {
    "nothing has changed": (body(("a",), a=TEXT), body(("a",), a=TEXT)),
    "words that explain have changed": (
        body(a={**TEXT, "description": "One."}),
        body(a={**TEXT, "description": "Two.", "examples": ["x"], "title": "A"}),
    ),
    "an optional field was added": (body(a=TEXT), body(a=TEXT, b={**TEXT, "default": ""})),
    "an optional field was removed": (body(a=TEXT, b=TEXT), body(a=TEXT)),
    "fields and values stand in another order": (
        body(("a", "b"), a=TEXT, b={"enum": ["x", "y"]}),
        body(("b", "a"), b={"enum": ["y", "x"]}, a=TEXT),
    ),
    "a part was given a name": (
        body(a=body(b=TEXT)),
        {**NAMED, "$defs": {"A": body(b=TEXT)}},
    ),
    "the members of a union stand in another order": (
        body(a={"oneOf": [CALL, VISIT]}),
        body(a={"oneOf": [VISIT, CALL]}),
    ),
    "a member of a union has a new optional field": (
        body(a={"oneOf": [CALL, VISIT]}),
        body(a={"oneOf": [CALL_WITH_MORE, VISIT]}),
    ),
}

BAD = {
    "a required field was added": (
        body(("a",), a=TEXT),
        body(("a", "b"), a=TEXT, b=TEXT),
        ["b: became required; records of before may lack it"],
    ),
    "a required field was removed": (
        body(("a", "b"), a=TEXT, b=TEXT),
        body(("a",), a=TEXT),
        ["b: is no longer there; readers of before require it"],
    ),
    "an optional field became required": (
        body(a=TEXT),
        body(("a",), a=TEXT),
        ["a: became required; records of before may lack it"],
    ),
    "a required field became optional": (
        body(("a",), a=TEXT),
        body(a=TEXT),
        ["a: became optional; readers of before require it"],
    ),
    "a field was renamed": (
        body(("a",), a=TEXT),
        body(("b",), b=TEXT),
        [
            "b: became required; records of before may lack it",
            "a: is no longer there; readers of before require it",
        ],
    ),
    "a type was changed": (body(a=TEXT), body(a=NUMBER), ["a: string became integer"]),
    "a value was removed": (
        body(a={"enum": ["x", "y"]}),
        body(a={"enum": ["x"]}),
        ["a: the value y was removed; records of before have it"],
    ),
    "a value was added": (
        body(a={"enum": ["x"]}),
        body(a={"enum": ["x", "y"]}),
        ["a: the value y was added; readers of before refuse it"],
    ),
    "an open set was closed": (
        body(a=TEXT),
        body(a={**TEXT, "enum": ["x"]}),
        ["a: a closed set of values was added"],
    ),
    "a closed set was opened": (
        body(a={**TEXT, "enum": ["x"]}),
        body(a=TEXT),
        ["a: a closed set of values was removed"],
    ),
    "a field may be null now": (
        body(a=TEXT),
        body(a={"anyOf": [TEXT, NOTHING]}),
        ["a: may now be null, which readers of before refuse"],
    ),
    "a field may be null no longer": (
        body(a={"anyOf": [TEXT, NOTHING]}),
        body(a=TEXT),
        ["a: may no longer be null, which records of before are"],
    ),
    "a format was changed": (
        body(a={**TEXT, "format": "uuid"}),
        body(a={**TEXT, "format": "date-time"}),
        ["a: format was uuid, is date-time"],
    ),
    "a limit was added": (
        body(a=NUMBER),
        body(a={**NUMBER, "minimum": 1}),
        ["a: minimum was not there, is 1"],
    ),
    "unknown fields are refused now": (
        body(a=TEXT),
        {**body(a=TEXT), "additionalProperties": False},
        ["the body: additionalProperties was not there, is False"],
    ),
    "a default was changed": (
        body(a={**NUMBER, "default": 1}),
        body(a={**NUMBER, "default": 2}),
        ["a: where it is missing, 1 was meant, and now 2"],
    ),
    "the key is another field": (
        {**body(a=TEXT), "x-key": "a"},
        {**body(a=TEXT), "x-key": "b"},
        ["the body: x-key was a, is b"],
    ),
    "the event moved to another topic": (
        {**body(a=TEXT), "$id": "bookwith:/one"},
        {**body(a=TEXT), "$id": "bookwith:/two"},
        ["its $id was bookwith:/one"],
    ),
    "a member of a union is new": (
        body(a={"oneOf": [CALL]}),
        body(a={"oneOf": [CALL, VISIT]}),
        ["a: may now be in_person, which readers of before refuse"],
    ),
    "a member of a union is gone": (
        body(a={"oneOf": [CALL, VISIT]}),
        body(a={"oneOf": [CALL]}),
        ["a: may no longer be in_person, which records of before are"],
    ),
    "something deep inside was changed": (
        {**body(a={"$ref": "#/$defs/A"}), "$defs": {"A": body(b={"type": "array", "items": TEXT})}},
        {
            **body(a={"$ref": "#/$defs/A"}),
            "$defs": {"A": body(b={"type": "array", "items": NUMBER})},
        },
        ["a.b[]: string became integer"],
    ),
    "items were given another form": (
        body(a={"type": "array", "items": TEXT}),
        body(a={"type": "array", "prefixItems": [TEXT]}),
        ["a: the form of its items changed", "a: had 0 items, has 1"],
    ),
    "one of a pair was changed": (
        body(a={"type": "array", "prefixItems": [TEXT, TEXT]}),
        body(a={"type": "array", "prefixItems": [TEXT, NUMBER]}),
        ["a[1]: string became integer"],
    ),
    "the body became a tombstone": (body(a=TEXT), NOTHING, ["the body: object became null"]),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_harmless_change_passes_in_both_directions(case: str) -> None:
    old, new = GOOD[case]

    assert breaking_changes(old, new) == []
    assert breaking_changes(new, old) == []


@pytest.mark.parametrize("case", BAD)
def test_a_breaking_change_is_named(case: str) -> None:
    old, new, sentences = BAD[case]

    assert breaking_changes(old, new) == sentences


@pytest.mark.parametrize("case", BAD)
def test_what_breaks_in_one_direction_breaks_in_the_other(case: str) -> None:
    old, new, _ = BAD[case]

    assert breaking_changes(new, old) != []
