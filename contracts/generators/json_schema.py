"""The JSON Schema document of an event's body, as a reader may rely on it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from contracts.event import ContractEvent

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Plain(GenerateJsonSchema):
    """Without the titles that only say a field's name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(event: type[ContractEvent]) -> JsonSchemaValue:
    """Return the schema of the event's body, with the fields that key and subject come from."""
    model = event.model_json_schema(schema_generator=_Plain)
    body = {"type": "null"} if event.TOMBSTONE else _settled(model)
    head = {
        "$schema": DIALECT,
        "$id": event.DATASCHEMA,
        "title": event.__name__,
        "description": model["description"],
        "x-key": event.KEY,
        "x-subject": event.SUBJECT,
    }
    return {**head, **{name: part for name, part in body.items() if name not in head}}


def _settled(schema: Any) -> Any:
    """Require what tells the members of a union apart, and drop OpenAPI's word for it."""
    if isinstance(schema, list):
        return [_settled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    settled = {name: _settled(part) for name, part in schema.items() if name != "discriminator"}
    properties = settled.get("properties")
    if isinstance(properties, dict):
        tags = [name for name, part in properties.items() if "const" in part]
        for tag in tags:
            properties[tag].pop("default", None)
        if tags:
            settled["required"] = [*tags, *settled.get("required", [])]
    return settled
