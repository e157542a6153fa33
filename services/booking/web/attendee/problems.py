"""Turns problem documents into pages for people: a sentence, and a link to continue."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive

from services.booking.domain.booking.moving import CANCELLED, REPLACED
from services.booking.domain.refusals import TooManyBookings
from services.booking.web.refused_texts import refused_texts
from services.booking.web.responses import Visit, page, visit_of
from services.chassis.web.pages import NavigationLink
from services.chassis.web.problem_pages import ProblemDocument, ProblemPage, ProblemPages

PEOPLE = ("/with/", "/p/", "/m/", "/v/", "/me", "/organizer")
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


def problem_pages(app: ASGIApp, frame_origins: FrameOrigins) -> ProblemPages:
    """Return the application with its problems as pages.

    `frame_origins` tells who may show the page of a request's problem in a frame.
    """

    async def show(request: Request, receive: Receive, document: ProblemDocument) -> Response:
        origins = await frame_origins(request)
        typed = await refused_texts(request.scope, receive, document.status)
        return problem_page(visit_of(request), request.method, document, origins, typed)

    return ProblemPages(app, PEOPLE, show)


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
    content = ProblemPage(
        title=f"problem.{topic}.title",
        words=words if words in visit.reader.language.phrases else f"problem.{topic}.text",
        way=NavigationLink(visit.link(way.path), way.words) if way else None,
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
        case "link-dead", _:
            return None
        case (("not-found" | "not-available"), ["m" | "p", *_]):
            return None
        case _, ["m", "booking", id_, _]:
            return NextStep(f"/m/booking/{id_}", "problem.way.booking")
        case _, ["p", "link", id_] if not reading:
            return NextStep(path, "problem.way.times")
        case "not-found", ["with", handle, _]:
            return NextStep(f"/with/{handle}", "problem.way.page")
        case "not-available", _:
            return None
        case _, ["organizer", *_]:
            return NextStep("/organizer", "problem.way.organizer")
        case _, ["with", _, _] if not reading:
            return NextStep(path, "problem.way.times")
        case _:
            return None
