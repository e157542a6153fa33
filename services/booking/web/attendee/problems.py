"""Turns problem documents into pages for people: a sentence, and a link to continue."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.booking.domain.booking.moving import CANCELLED, REPLACED
from services.booking.domain.refusals import TooManyBookings
from services.booking.web.attendee.pick_content import TextLink
from services.booking.web.refused_texts import refused_texts
from services.booking.web.responses import Visit, page, visit_of
from services.chassis.http.response_buffer import BufferedResponse, buffer_response
from services.chassis.web.accepted import accepts_html

PEOPLE = ("/with/", "/p/", "/m/", "/v/", "/me/", "/organizer")
MACHINES = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs")
DROPPED = ("content-length", "content-type")
FrameOrigins = Callable[[Request], Awaitable[Sequence[str]]]
# A move's conflicts are told apart by what they say to programs.
_NOT_MOVED = {
    CANCELLED: "problem.state-conflict.cancelled.text",
    REPLACED: "problem.state-conflict.replaced.text",
}
# So is that of an attendee who has booked as often as they may.
_TOO_MANY = str(TooManyBookings())


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where a visitor can continue after a problem; `words` is the key of the link's phrase."""

    path: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """What went wrong, and the way on; title and words are keys of phrases."""

    TEMPLATE: ClassVar[str] = "problem.html"

    title: str
    words: str
    way: TextLink | None
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


class ProblemPages:
    """ASGI middleware, outermost: whatever raised the problem, a person reads a sentence.

    `frame_origins` tells who may show the page of a request's problem in a frame.
    """

    def __init__(self, app: ASGIApp, frame_origins: FrameOrigins) -> None:
        self._app = app
        self._frame_origins = frame_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; a problem at an address for people becomes a page."""
        if scope["type"] != "http" or not _is_for_people(scope):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})  # shared with the routes, which note in it what they know
        problem = await buffer_response(self._app, scope, receive, send, _is_problem)
        if problem is None:
            return
        request = Request(scope)
        document = ProblemDocument.model_validate_json(problem.body)
        origins = await self._frame_origins(request)
        typed = await refused_texts(scope, receive, document.status)
        shown = problem_page(visit_of(request), scope["method"], document, origins, typed)
        kept = MutableHeaders(raw=problem.headers)
        for name in DROPPED:
            del kept[name]
        shown.raw_headers.extend(kept.raw)
        await shown(scope, receive, send)


# The ways to pages that no site may show in a frame.
_NEVER_FRAMED = ("problem.way.page", "problem.way.home")


def problem_page(
    visit: Visit,
    method: str,
    problem: ProblemDocument,
    frame_origins: Sequence[str] = (),
    typed: Sequence[str] = (),
) -> Response:
    """Return the problem as a page, with what was typed into the form that it refuses.

    In a frame, if the page behind it may be in one.
    """
    topic = _topic(visit, problem)
    words = f"problem.link-dead.{problem.reason}" if topic == "link-dead" else ""
    if problem.detail == _TOO_MANY:
        words = "problem.state-conflict.too_many.text"
    if visit.path.endswith("/move"):
        words = _NOT_MOVED.get(problem.detail, f"problem.{problem.kind}.move.text")
    way = next_step(visit.path, method, problem.kind)
    if visit.framed and way and way.words in _NEVER_FRAMED:
        way = None
    content = ProblemPage(
        title=f"problem.{topic}.title",
        words=words if words in visit.reader.language.phrases else f"problem.{topic}.text",
        way=TextLink(visit.link(way.path), way.words) if way else None,
        typed=typed,
    )
    here = way.path if way and method not in ("GET", "HEAD") else None
    return page(visit, content, status=problem.status, here=here, frame_origins=frame_origins)


def _topic(visit: Visit, problem: ProblemDocument) -> str:
    kind = problem.kind
    if kind in ("not-found", "link-dead") and visit.path.startswith("/me"):
        return "link-dead.me"
    if kind == "not-found" and visit.path.startswith("/m/"):
        return "not-found.booking"
    if kind == "not-found" and visit.path.startswith("/p/"):
        return "not-found.link"
    if kind == "hold-over" and visit.path.endswith("/move"):
        return "hold-over.move"
    if problem.not_before:
        return "not-yet"
    if kind == "not-available" and problem.status == 403:
        return "suspended"
    return kind if f"problem.{kind}.title" in visit.reader.language.phrases else "other"


def next_step(path: str, method: str, kind: str) -> NextStep | None:  # noqa: C901 -- a case, a branch
    """Return where somebody who met the problem can go on, if there is such a place."""
    parts = path.strip("/").split("/")
    reading = method in ("GET", "HEAD")
    match kind, parts:
        case "unavailable", _ if reading:
            return NextStep(path, "problem.way.retry")
        case (("link-dead" | "not-found"), ["me", *_]):
            return NextStep("/me", "problem.way.me")
        case "link-dead", ["organizer", *_]:
            return NextStep("/organizer/page", "problem.way.page_settings")
        case "link-dead", _:
            return None
        case (("not-found" | "not-available"), ["m" | "p", *_]):
            return None
        case _, ["m", "booking", id_, _]:
            return NextStep(f"/m/booking/{id_}", "problem.way.booking")
        case _, ["p", "link", id_] if not reading:
            return NextStep(path, "problem.way.times")
        case (("not-found" | "not-available"), ["with", handle, _]):
            return NextStep(f"/with/{handle}", "problem.way.page")
        case (("not-found" | "not-available"), ["with", _]):
            return NextStep("/", "problem.way.home")
        case "not-available", _:
            return None
        case _, ["organizer", *_]:
            return NextStep("/organizer", "problem.way.organizer")
        case _, ["with", _, _] if not reading:
            return NextStep(path, "problem.way.times")
        case _:
            return None


def _is_for_people(scope: Scope) -> bool:
    path = scope["path"]
    if path == "/me" or path.startswith(PEOPLE):
        return True
    accept = ",".join(Headers(scope=scope).getlist("accept"))
    return accepts_html(accept) and not path.startswith(MACHINES)


def _is_problem(answer: BufferedResponse) -> bool:
    return answer.content_type.startswith("application/problem+json")
