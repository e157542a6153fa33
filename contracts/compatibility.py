"""What a change of a schema breaks, in sentences; a published version is never broken.

The rule is full and transitive: a reader of any published version reads what is written today, and
today's reader reads what was written under any of them. So an event may gain or lose optional
fields; everything else needs a new type, `.v2`, beside the old one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

# Words that only explain, and words that are compared by structure further down.
_EXPLAIN = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples"}
_STRUCTURE = {"$ref", "anyOf", "oneOf", "type", "enum", "const", "default"}
_STRUCTURE |= {"properties", "required", "items", "prefixItems"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same place in two versions of a document."""

    path: str
    old: Any
    new: Any
    old_root: Schema
    new_root: Schema

    def at(self, path: str, old: Any, new: Any) -> "_Pair":
        return _Pair(path, old, new, self.old_root, self.new_root)


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return a sentence for each thing in the new schema that breaks a reader or a record."""
    moved = [f"its $id was {old['$id']}"] if old.get("$id") != new.get("$id") else []
    return [*moved, *_compare(_Pair("", old, new, old, new))]


def _compare(pair: _Pair) -> Iterator[str]:
    old = _branches(pair.old, pair.old_root)
    new = _branches(pair.new, pair.new_root)
    place = pair.path or "the body"
    if len(old) == len(new) == 1 and old.keys() != new.keys():
        yield f"{place}: {next(iter(old))} became {next(iter(new))}"
        return
    for name in sorted(old.keys() - new.keys()):
        yield f"{place}: may no longer be {name}, which records of before are"
    for name in sorted(new.keys() - old.keys()):
        yield f"{place}: may now be {name}, which readers of before refuse"
    for name in sorted(old.keys() & new.keys()):
        yield from _compare_branch(pair.at(pair.path, old[name], new[name]))


def _branches(schema: Schema, root: Schema) -> dict[str, Schema]:
    """Return what a value may be, by a name that both versions have in common."""
    if "$ref" in schema:
        return _branches(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    union = schema.get("anyOf") or schema.get("oneOf")
    if union is None:
        return {_name(schema): schema}
    return {name: part for branch in union for name, part in _branches(branch, root).items()}


def _name(schema: Schema) -> str:
    tags = (part["const"] for part in schema.get("properties", {}).values() if "const" in part)
    return str(next(tags, schema.get("type", "anything")))


def _compare_branch(pair: _Pair) -> Iterator[str]:
    yield from _compare_values(pair)
    yield from _compare_rules(pair)
    yield from _compare_fields(pair)
    yield from _compare_items(pair)


def _compare_values(pair: _Pair) -> Iterator[str]:
    old, new = _values(pair.old), _values(pair.new)
    if old is None and new is None:
        return
    if old is None or new is None:
        yield f"{pair.path}: a closed set of values was {'removed' if new is None else 'added'}"
        return
    for value in sorted(old - new):
        yield f"{pair.path}: the value {value} was removed; records of before have it"
    for value in sorted(new - old):
        yield f"{pair.path}: the value {value} was added; readers of before refuse it"


def _values(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None


def _compare_rules(pair: _Pair) -> Iterator[str]:
    for word in sorted((pair.old.keys() | pair.new.keys()) - _EXPLAIN - _STRUCTURE):
        old, new = pair.old.get(word), pair.new.get(word)
        if old != new:
            yield f"{pair.path or 'the body'}: {word} was {_shown(old)}, is {_shown(new)}"


def _shown(value: Any) -> str:
    return "not there" if value is None else str(value)


def _compare_fields(pair: _Pair) -> Iterator[str]:
    old, new = pair.old.get("properties", {}), pair.new.get("properties", {})
    required_old, required_new = (
        set(pair.old.get("required", ())),
        set(pair.new.get("required", ())),
    )
    for name in sorted(required_new - required_old):
        yield f"{_under(pair, name)}: became required; records of before may lack it"
    for name in sorted(required_old - required_new):
        gone = "is no longer there" if name not in new else "became optional"
        yield f"{_under(pair, name)}: {gone}; readers of before require it"
    for name in [name for name in old if name in new]:
        yield from _compare_defaults(pair.at(_under(pair, name), old[name], new[name]))
        yield from _compare(pair.at(_under(pair, name), old[name], new[name]))


def _compare_defaults(pair: _Pair) -> Iterator[str]:
    # A field that turns optional or required is named by _compare_fields.
    if "default" in pair.old and "default" in pair.new:
        old, new = pair.old["default"], pair.new["default"]
        if old != new:
            yield f"{pair.path}: where it is missing, {old} was meant, and now {new}"


def _compare_items(pair: _Pair) -> Iterator[str]:
    if "items" in pair.old and "items" in pair.new:
        yield from _compare(pair.at(f"{pair.path}[]", pair.old["items"], pair.new["items"]))
    elif "items" in pair.old or "items" in pair.new:
        yield f"{pair.path}: the form of its items changed"
    old, new = pair.old.get("prefixItems", []), pair.new.get("prefixItems", [])
    if len(old) != len(new):
        yield f"{pair.path}: had {len(old)} items, has {len(new)}"
    for place, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from _compare(pair.at(f"{pair.path}[{place}]", before, after))


def _under(pair: _Pair, name: str) -> str:
    return f"{pair.path}.{name}" if pair.path else name
