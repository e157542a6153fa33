"""A user as a request wants them: attributes given one by one, each of them checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.text.typed import trimmed
from services.policy.scim.attributes import CORE, ENTERPRISE, SUB_ATTRIBUTES, Attribute
from services.policy.scim.documents import Json
from services.policy.scim.faults import refused
from services.policy.scim.paths import Path, Selection, is_schema, path_of

Operation = Literal["add", "replace"]
LONGEST_TEXT = 256
MOST_VALUES = 100
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_FIELDS = {"userName": "user_name", "externalId": "external_id", "displayName": "display_name"}


@dataclass(slots=True)
class Draft:
    """What is kept of a user; `None` is not given. `full_name` helps who has no display name."""

    user_name: str | None = None
    external_id: str | None = None
    display_name: str | None = None
    full_name: str | None = None
    mail: str | None = None
    active: bool | None = None


def members(body: dict[str, Json], schema: str = CORE) -> Iterator[tuple[Path, Json]]:
    """Yield each attribute of an object with its value; a schema's address holds its own."""
    for name, value in body.items():
        if is_schema(name):
            if not isinstance(value, dict):
                raise refused("invalidValue", f"{name} must be an object with attributes.")
            yield from members(value, name)
        else:
            yield path_of(name, schema), value


def read_resource(body: dict[str, Json]) -> Draft:
    """Return the user that a create or a replace sends; what the service sets itself is ignored."""
    draft = Draft()
    sent = dict(body)
    for name in [each for each in sent if each.casefold() == "schemas"]:
        check_schemas(sent.pop(name), CORE, ENTERPRISE)
    for path, value in members(sent):
        if path.attribute.role != "fixed":
            assign(draft, "replace", path, value)
    draft.display_name = draft.display_name or draft.full_name
    return draft


def check_schemas(value: Json, wanted: str, *others: str) -> None:
    """Raise `invalidSyntax` unless the schemas are these; the first must be there."""
    known = {each.casefold() for each in (wanted, *others)}
    said = {each.casefold() if isinstance(each, str) else "" for each in _listed(value)}
    if wanted.casefold() not in said or not said <= known:
        raise refused("invalidSyntax", f"schemas must have {wanted}, and no unknown one.")


def assign(draft: Draft, operation: Operation, path: Path, value: Json) -> None:
    """Give the attribute the value; raise what SCIM says of a wrong one."""
    match path.attribute.name:
        case "active":
            draft.active = flag_of("active", value)
        case "userName" | "externalId" | "displayName" as name:
            setattr(draft, _FIELDS[name], kept_text(name, value))
        case "emails":
            _assign_mail(draft, operation, path, value)
        case "name" if path.sub is None:
            draft.full_name = _full_name(value)
        case _:
            _check(path, value)


def flag_of(name: str, value: Json) -> bool:
    """Return the flag; some clients send it as a text, or in an object or a list of its own."""
    if isinstance(value, dict) and [each.casefold() for each in value] == [name]:
        [value] = value.values()
    match _unwrapped(value):
        case bool(flag):
            return flag
        case str(text) if text.casefold() in ("true", "false"):
            return text.casefold() == "true"
        case _:
            raise refused("invalidValue", f"{name} must be true or false.")


def kept_text(name: str, value: Json) -> str | None:
    """Return the text without what cannot be seen at its ends; None for an empty one."""
    text = _text(name, value)
    text = trimmed(text) if text is not None else None
    if text and (len(text) > LONGEST_TEXT or _CONTROL.search(text)):
        detail = f"{name} must have at most {LONGEST_TEXT} characters, none of them a control."
        raise refused("invalidValue", detail)
    return text or None


def _text(name: str, value: Json) -> str | None:
    match _unwrapped(value):
        case None:
            return None
        case str(text):
            return text
        case _:
            raise refused("invalidValue", f"{name} must be a text.")


def _assign_mail(draft: Draft, operation: Operation, path: Path, value: Json) -> None:
    if path.selection is not None and not _selects(draft, path.selection):
        _check(path, value)
        return
    if path.sub == "value":
        draft.mail = kept_text("emails.value", value)
    elif path.sub is not None:
        _check(path, value)
    else:
        values = [_parts(each) for each in _listed(value)]
        found = _chosen(values, only_ours=operation == "add" and draft.mail is not None)
        if path.selection is not None and values:
            found = values[0]
        if found is not None or operation == "replace":
            draft.mail = kept_text("emails.value", found.get("value")) if found else None


def _selects(draft: Draft, selection: Selection) -> bool:
    """Tell whether the one address that is kept is meant."""
    match selection.name:
        case "type":
            return selection.value == "work"
        case "primary":
            return selection.value == "true"
        case _ if selection.value == (draft.mail or "").casefold():
            return True
        case _:
            raise refused("noTarget", "The user has no such mail address.")


def selects_mail(draft: Draft, path: Path) -> bool:
    """Tell whether a removal at the path is about the address that is kept."""
    return path.sub in (None, "value") and (
        path.selection is None or _selects(draft, path.selection)
    )


def _chosen(values: list[dict[str, Json]], *, only_ours: bool) -> dict[str, Json] | None:
    """Return the primary address, else the one of work, else the first."""
    for wanted in ("primary", "work"):
        for each in values:
            primary = "primary" in each and flag_of("emails.primary", each["primary"])
            work = (_text("emails.type", each.get("type")) or "").casefold() == "work"
            if primary if wanted == "primary" else work:
                return each
    return values[0] if values and not only_ours else None


def _parts(value: Json) -> dict[str, Json]:
    """Return one mail address's parts by their names in lower case; a bare text is its value."""
    if isinstance(value, str):
        return {"value": value}
    if not isinstance(value, dict):
        raise refused("invalidValue", "emails must be a list of objects with a value.")
    parts = {name.casefold(): each for name, each in value.items()}
    if not parts.keys() <= SUB_ATTRIBUTES or not isinstance(parts.get("value", ""), str | None):
        raise refused("invalidValue", "Each of emails has a text as value, a type and primary.")
    return parts


def _full_name(value: Json) -> str | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not {name.casefold() for name in value} <= SUB_ATTRIBUTES:
        raise refused("invalidValue", "name must be an object with parts of a name.")
    parts = {name.casefold(): _text(f"name.{name}", each) for name, each in value.items()}
    joined = " ".join(filter(None, (parts.get("givenname"), parts.get("familyname"))))
    return kept_text("name", parts.get("formatted") or joined)


def _check(path: Path, value: Json) -> None:
    """Raise `invalidValue` unless the value is of the attribute's kind; it is not kept."""
    attribute = path.attribute
    if path.sub is not None:
        if path.sub == "primary":
            flag_of("primary", value)
        else:
            _text(f"{attribute.name}.{path.sub}", value)
    elif attribute.kind == "text":
        _text(attribute.name, value)
    else:
        _check_objects(attribute, value)


def _check_objects(attribute: Attribute, value: Json) -> None:
    for each in _listed(value):
        named = each if isinstance(each, dict) else {}
        wrong = not isinstance(each, dict | str | None)
        if wrong or not {name.casefold() for name in named} <= SUB_ATTRIBUTES:
            raise refused("invalidValue", f"{attribute.name} is not of the form of RFC 7643.")


def _listed(value: Json) -> list[Any]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if len(listed) > MOST_VALUES:
        raise refused("invalidValue", f"A list may have {MOST_VALUES} values at most.")
    return listed


def _unwrapped(value: Json) -> Json:
    """Return the single value that a list or an object of it holds; anything else as it is."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        named = {name.casefold(): each for name, each in value.items()}
        if "value" in named and all(named[name] is None for name in named.keys() - {"value"}):
            return named["value"]
    return value
