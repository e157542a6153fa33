"""Headers and query parameters that several routes of the API read."""

from typing import Annotated

from fastapi import Header, Query

IfMatch = Annotated[str | None, Header(alias="If-Match")]
Limit = Annotated[int, Query(ge=1, le=200)]
Prefer = Annotated[
    str | None, Header(description="`respond-async` does not wait for availability's verdict.")
]


def wants_to_wait(prefer: str | None) -> bool:
    """Tell whether the caller waits for availability's verdict."""
    return "respond-async" not in (prefer or "")
