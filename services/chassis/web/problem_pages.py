"""Problem documents as pages: whatever raised a problem, a person reads a sentence."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.http.response_buffer import BufferedResponse, buffer_response
from services.chassis.web.accepted import accepts_html
from services.chassis.web.pages import NavigationLink

MACHINES = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs")
DROPPED = ("content-length", "content-type")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """What went wrong, and the way on; title and words are keys of phrases."""

    TEMPLATE: ClassVar[str] = "problem.html"

    title: str
    words: str
    way: NavigationLink | None
    typed: Sequence[str]
    """What was typed, to be copied."""


class ProblemDocument(BaseModel):
    """What the page needs of a problem document."""

    type: str
    status: int
    detail: str = ""
    reason: str | None = None
    not_before: str | None = None

    @property
    def kind(self) -> str:
        """Return the name of the problem's type."""
        return self.type.rpartition("/")[2]


# Returns the page of a problem; it may read the rest of the request.
ShowProblem = Callable[[Request, Receive, ProblemDocument], Awaitable[Response]]


class ProblemPages:
    """ASGI middleware, outermost: a problem at an address for people becomes a page.

    Those are the addresses that begin with one of `people`, and what a browser opens elsewhere.
    """

    def __init__(self, app: ASGIApp, people: tuple[str, ...], show: ShowProblem) -> None:
        self._app = app
        self._people = people
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""
        if scope["type"] != "http" or not self._is_for_people(scope):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})  # shared with the routes, which note in it what they know
        problem = await buffer_response(self._app, scope, receive, send, _is_problem)
        if problem is None:
            return
        document = ProblemDocument.model_validate_json(problem.body)
        shown = await self._show(Request(scope), receive, document)
        kept = MutableHeaders(raw=problem.headers)
        for name in DROPPED:
            del kept[name]
        shown.raw_headers.extend(kept.raw)
        await shown(scope, receive, send)

    def _is_for_people(self, scope: Scope) -> bool:
        path = scope["path"]
        if path.startswith(MACHINES):
            return False
        accept = ",".join(Headers(scope=scope).getlist("accept"))
        return path.startswith(self._people) or accepts_html(accept)


def _is_problem(answer: BufferedResponse) -> bool:
    return answer.content_type.startswith("application/problem+json")
