"""What is wrong with a request, field by field: JSON pointers, and sentences of our own."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import ErrorDetails

Errors = Iterable[ErrorDetails | Mapping[str, Any]]


class FieldFaults(ValueError):
    """Raised by a field's validator: pointers under the field, and what is wrong at each.

    A pointer that begins with `..` leads to a field beside it: the pair of a fault in two fields.
    """

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(detail for _, detail in self.faults))


# By pydantic's name of the fault; what stands in braces is in the fault's own context.
_SENTENCES: Mapping[str, str] = {
    "missing": "Must be given.",
    "missing_argument": "Must be given.",
    "extra_forbidden": "There is no such field here.",
    "none_required": "Must be null.",
    "string_type": "Must be text.",
    "string_unicode": "Must be text in UTF-8.",
    "string_too_short": "Must have at least {min_length} characters.",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Does not have the form that is needed.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_parsing_size": "Must be a smaller whole number.",
    "int_from_float": "Must be a whole number.",
    "float_type": "Must be a number.",
    "float_parsing": "Must be a number.",
    "finite_number": "Must be a number.",
    "greater_than": "Must be more than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than": "Must be less than {lt}.",
    "less_than_equal": "Must be at most {le}.",
    "too_short": "Must have at least {min_length} entries.",
    "too_long": "Must have at most {max_length} entries.",
    "list_type": "Must be a list.",
    "tuple_type": "Must be a list.",
    "set_type": "Must be a list.",
    "dict_type": "Must be an object with named fields.",
    "model_type": "Must be an object with named fields.",
    "model_attributes_type": "Must be an object with named fields.",
    "uuid_type": "Must be an id, which is a UUID.",
    "uuid_parsing": "Must be an id, which is a UUID.",
    "uuid_version": "Must be an id, which is a UUID.",
    "json_invalid": "The body is not a JSON document.",
    "json_type": "Must be a JSON document.",
}
_OTHERWISE = "Cannot be taken as it is."
_QUERY = "There is no such query parameter here."


def faults_of(errors: Errors, body: Any = None) -> list[dict[str, str]]:
    """Return each place that is wrong once, with a sentence; `body` is what was sent."""
    found: dict[str, str] = {}
    for error in errors:
        for pointer, detail in _faults(error, body):
            found.setdefault(pointer, detail)
    return [{"pointer": pointer, "detail": detail} for pointer, detail in found.items()]


def unknown_parameters(names: Iterable[str]) -> list[dict[str, str]]:
    """Return the faults of query parameters that the address does not take."""
    return [{"pointer": pointer_to("query", name), "detail": _QUERY} for name in names]


def pointer_to(*path: str | int) -> str:
    """Return the JSON pointer (RFC 6901) as a fragment: `~` and `/` in names are escaped."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _faults(error: ErrorDetails | Mapping[str, Any], body: Any) -> Iterator[tuple[str, str]]:
    context = error.get("ctx") or {}
    path = _path(error, body)
    cause = context.get("error")
    if isinstance(cause, FieldFaults):
        own, beside = pointer_to(*path), pointer_to(*path[:-1])
        for place, detail in cause.faults:
            pointer = beside + place[2:] if place.startswith("..") else own + place
            yield pointer, _sentence(detail)
        return
    if error["type"].startswith("union_tag"):
        path = [*path, str(context.get("discriminator", "")).strip("'")]
    yield pointer_to(*path), _detail(error, context)


def _path(error: ErrorDetails | Mapping[str, Any], body: Any) -> list[str | int]:
    """Return the path to the fault: what the sender wrote, without the names of our own types."""
    place, *inside = error["loc"]
    if place != "body":  # a parameter that is given several times is named once
        named = [part for part in inside if not isinstance(part, int)]
        return [place, *named]
    if error["type"] == "json_invalid":
        return []
    path: list[str | int] = []
    sent: Any = body
    for number, part in enumerate(inside):
        is_last = number == len(inside) - 1
        match sent:
            case Mapping() if part in sent:
                sent = sent[part]
            case Mapping() if is_last:  # a field that is missing, or faulty by its default
                pass
            case list() | tuple() if isinstance(part, int):
                sent = sent[part] if part < len(sent) else None
            case _:
                continue  # the name of a kind among several, which nobody sent
        path.append(part)
    return path


def _detail(error: ErrorDetails | Mapping[str, Any], context: Mapping[str, Any]) -> str:
    kind = error["type"]
    if isinstance(context.get("error"), Exception):  # one of our own validators speaks
        return _sentence(str(context["error"]))
    if kind in ("literal_error", "enum"):
        return f"Must be one of: {_choices(context['expected'])}."
    if kind == "union_tag_invalid":
        return f"Must be one of: {_choices(context['expected_tags'])}."
    if kind == "union_tag_not_found":
        return "Must be given."
    if kind.startswith(("datetime_", "date_", "time_", "timezone_")):
        return "Must be an RFC 3339 instant such as 2027-01-11T09:00:00Z."
    return _SENTENCES.get(kind, _OTHERWISE).format_map(context)


def _choices(expected: str) -> str:
    return expected.replace(" or ", ", ").replace("'", "")


def _sentence(text: str) -> str:
    """Return the text as a sentence: our validators write them shorter."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
