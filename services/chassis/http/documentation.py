"""The OpenAPI document of a service: what its routes declare, and what holds for all of them."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header
from fastapi.security import APIKeyHeader, HTTPBearer

COMMANDS = ("post", "put", "patch", "delete")
PROBLEM = "application/problem+json"

# How a caller says who they are; the routes read the headers themselves, these only document them.
BEARER = Depends(
    HTTPBearer(
        auto_error=False, scheme_name="signed_in", description="An access token of the provider."
    )
)


def token_header(name: str, scheme: str, description: str) -> Any:
    """Return the dependency that documents a header in which callers show a token."""
    return Depends(
        APIKeyHeader(name=name, auto_error=False, scheme_name=scheme, description=description)
    )


# The version that a caller has read; where it must be sent, a route raises without it, so that
# the problem says why.
IfMatchRequired = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag that was read; without it the answer is 428.",
        json_schema_extra={"x-required": True},
    ),
]


def is_token_header(dependency: Any) -> bool:
    """Return whether the dependency is one of a header in which callers show a token."""
    return isinstance(dependency.dependency, APIKeyHeader)


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 20, "maxLength": 200},
    "description": "The same key and body give the same answer for 24 hours.",
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `type` is one of `/problems/`, and more members help to go on.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def complete(app: FastAPI) -> None:
    """Let the application's document name keys and problems on every operation of the API."""
    declared = app.openapi  # made once, and kept by the application

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(declared())
        return declared()

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend it


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unsent in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unsent, None)
    schemas["Problem"] = _PROBLEM
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)  # FastAPI's own shape, which is never sent
            if path.startswith("/api/"):
                _complete_operation(method, operation)


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    if method in COMMANDS:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    for parameter in operation.get("parameters", ()):
        if parameter.get("schema", {}).pop("x-required", False):
            parameter["required"] = True
    operation["responses"]["default"] = {
        "description": "What stands in the way.",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
