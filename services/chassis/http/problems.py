"""Errors as RFC 9457 problem documents with stable types: an answer that helps to go on."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from contracts.problem_types import UNAVAILABLE, ProblemType

PROBLEM_MEDIA_TYPE = "application/problem+json"
_NOTED = "problem"


class Problem(Exception):
    """An error on its way to the caller; `more` holds what a program needs to go on."""

    def __init__(
        self,
        type_: ProblemType,
        detail: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.type = type_
        self.detail = detail
        self.status = status or type_.status
        self.headers = dict(headers or {})
        self.more = more

    def body(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": self.type.path,
            "title": self.type.title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }


def unavailable(detail: str, retry_after_seconds: int = 2) -> Problem:
    """Return the 503 that tells when to ask again."""
    return Problem(
        UNAVAILABLE,
        detail,
        headers={"Retry-After": str(retry_after_seconds)},
        retry_after_seconds=retry_after_seconds,
    )


class ProblemResponse(JSONResponse):
    """A problem as an HTTP answer; whoever logs the request finds the problem in its scope."""

    media_type = PROBLEM_MEDIA_TYPE

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.body(), problem.status, headers=problem.headers)
        self._problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        scope.setdefault("state", {})[_NOTED] = self._problem
        await super().__call__(scope, receive, send)


def response(problem: Problem) -> Response:
    """Return the problem as an HTTP answer."""
    return ProblemResponse(problem)


def problem_of(scope: Scope) -> Problem | None:
    """Return the problem that answered the request, if one did."""
    noted: Problem | None = scope.get("state", {}).get(_NOTED)
    return noted


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer with the problem that was raised."""
    assert isinstance(error, Problem)
    return response(error)
