"""PATCH: operations on a user, all of them or none, in the forms that providers send."""

from services.policy.scim.documents import Json
from services.policy.scim.drafts import (
    Draft,
    Operation,
    assign,
    check_schemas,
    members,
    selects_mail,
)
from services.policy.scim.faults import refused
from services.policy.scim.paths import Path, is_schema, path_of

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST_OPERATIONS = 100


def apply_patch(draft: Draft, body: dict[str, Json]) -> None:
    """Carry the operations out on the draft; raise for the first that is not understood."""
    said = {name.casefold(): value for name, value in body.items()}
    if "schemas" in said:
        check_schemas(said.pop("schemas"), PATCH)
    operations = said.pop("operations", None)
    if said or not isinstance(operations, list) or not operations:
        raise refused("invalidSyntax", "A patch has schemas and a list of Operations.")
    if len(operations) > MOST_OPERATIONS:
        detail = f"A patch may have {MOST_OPERATIONS} operations at most."
        raise refused("invalidSyntax", detail)
    for operation in operations:
        _apply(draft, operation)


def _apply(draft: Draft, operation: Json) -> None:
    if not isinstance(operation, dict):
        raise refused("invalidSyntax", "An operation must be an object.")
    said = {name.casefold(): value for name, value in operation.items()}
    kind, path = said.pop("op", None), said.pop("path", None)
    if not isinstance(kind, str) or not said.keys() <= {"value"}:
        raise refused("invalidSyntax", "An operation has op, path and value.")
    if not isinstance(path, str | None):
        raise refused("invalidPath", "A path must be a text.")
    match kind.casefold():
        case "add" | "replace" as known:
            if "value" not in said:
                raise refused("invalidValue", f"{kind} needs a value.")
            _give(draft, known, path, said["value"])
        case "remove":
            if path is None:
                raise refused("noTarget", "remove needs a path.")
            if said.get("value") is not None:
                raise refused("invalidSyntax", "remove takes no value; select with the path.")
            _remove(draft, path_of(path))
        case _:
            raise refused("invalidSyntax", "op must be add, replace or remove.")


def _give(draft: Draft, operation: Operation, path: str | None, value: Json) -> None:
    if path is not None and not is_schema(path):
        _assign(draft, operation, path_of(path), value)
        return
    if not isinstance(value, dict) or not value:
        raise refused("invalidValue", "Without a path the value must be an object of attributes.")
    for each, inner in members(value if path is None else {path: value}):
        _assign(draft, operation, each, inner)


def _assign(draft: Draft, operation: Operation, path: Path, value: Json) -> None:
    _refuse_fixed(path)
    assign(draft, operation, path, value)


def _remove(draft: Draft, path: Path) -> None:
    _refuse_fixed(path)
    match path.attribute.name:
        case "userName" | "active" as name:
            raise refused("invalidValue", f"{name} cannot be removed; replace it.")
        case "displayName":
            draft.display_name = None
        case "externalId":
            draft.external_id = None
        case "emails" if selects_mail(draft, path):
            draft.mail = None


def _refuse_fixed(path: Path) -> None:
    if path.attribute.role == "fixed":
        raise refused("mutability", f"{path.attribute.name} is set by the service alone.")
    if path.attribute.name == "password":
        raise refused("mutability", "Users have no password here: they sign in at the provider.")
