"""Errors as RFC 9457 problem documents with stable types: an answer that helps to go on."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

TITLES = {
    "invalid": (422, "The request is not valid"),
    "not-found": (404, "There is nothing here"),
    "not-available": (404, "This page is not available"),
    "slot-taken": (409, "This time was just taken"),
    "slot-not-offered": (409, "This time is not offered"),
    "hold-over": (409, "The time was not confirmed soon enough"),
    "link-dead": (410, "This link no longer works"),
    "link-in-use": (409, "Somebody else is using this link right now"),
    "change-too-late": (409, "It is too late to change this meeting"),
    "state-conflict": (409, "This is not possible as things stand"),
    "version-conflict": (412, "Somebody changed this in the meantime"),
    "precondition-required": (428, "Say which version you are changing"),
    "idempotency-key-reused": (422, "This Idempotency-Key came with another request before"),
    "request-in-progress": (409, "The same request is under way"),
    "budget-exhausted": (429, "Too many requests"),
    "too-large": (413, "The request is too large"),
    "unauthenticated": (401, "Sign in first"),
    "forbidden": (403, "You may not do this"),
    "internal": (500, "This should not have happened"),
    "unavailable": (503, "Not possible at the moment"),
    "method-not-allowed": (405, "This address does not take that method"),
}


class Problem(Exception):
    """An error on its way to the caller; `more` holds what a program needs to go on."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.status = status or TITLES[kind][0]
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"/problems/{self.kind}",
            "title": TITLES[self.kind][1],
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def unavailable(detail: str, retry_after_seconds: int = 2) -> Problem:
    """Return the 503 that tells when to ask again."""
    return Problem(
        "unavailable",
        detail,
        headers={"Retry-After": str(retry_after_seconds)},
        retry_after_seconds=retry_after_seconds,
    )


def response(problem: Problem) -> Response:
    """Return the problem as an HTTP answer."""
    return JSONResponse(
        problem.body(),
        problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer with the problem that was raised."""
    assert isinstance(error, Problem)
    return response(error)
