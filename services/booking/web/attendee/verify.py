"""The page behind the mailed link that proves an address: looking changes nothing, a form does."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import Done, Pending, TimeRefused
from services.booking.domain import booking
from services.booking.domain.refusals import NotFound, Refusal
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee.booking_visit import BookingVisit, visit_of_booking
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.forms import fields_of
from services.booking.web.responses import page, see_other

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPage:
    """`stage` is whether the address can be confirmed, is being checked, or it is too late."""

    TEMPLATE: ClassVar[str] = "verify.html"

    stage: str
    meeting: MeetingWords
    when: str
    zone: str
    email: str
    until: str
    action: str
    form_key: str
    again: str | None


@routes.api_route("/v/{token}", methods=READ)
async def ask(request: Request, token: str) -> Response:
    parts = parts_of(request)
    visited = await _visit(parts, request, token)
    return _page(parts, visited, token, _stage(visited))


@routes.post("/v/{token}")
async def verify(request: Request, token: str) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    visited = await _visit(parts, request, token)
    parts.forms.check(fields, "verify", visited.id)
    try:
        outcome = await parts.bookings.verify(visited.id)
    except Refusal:
        return _page(parts, visited, token, "lost", status=409)
    match outcome:
        case Done():
            return see_other(visited.visit, f"/m/{parts.tokens.manage(visited.id)}")
        case Pending():
            return _page(parts, visited, token, "checking")
        case TimeRefused():
            return _page(parts, visited, token, "lost", status=409)


async def _visit(parts: Parts, request: Request, token: str) -> BookingVisit:
    id_: UUID | None = parts.tokens.read_verify(token)
    if id_ is None:
        raise NotFound("booking")
    return await visit_of_booking(parts, request, id_, parts.tokens.manage(id_))


def _stage(visited: BookingVisit) -> str:
    match visited.view.state:
        case booking.Unverified() if visited.view.status == "unverified":
            return "ask"
        case booking.Held():
            return "checking"
        case booking.Confirmed() | booking.Requested() | booking.Cancelled() | booking.Declined():
            return "done"
        case _:
            return "lost"


def _page(
    parts: Parts, visited: BookingVisit, token: str, stage: str, status: int = 200
) -> Response:
    view, visit = visited.view, visited.visit
    path = f"/v/{token}"
    content = VerifyPage(
        stage=stage,
        meeting=visited.meeting(booked=False),
        when=visited.when,
        zone=visited.zone,
        email=view.attendee.email if view.attendee else "",
        until=visited.clock.moment(view.verify_by) if view.verify_by else "",
        action=visit.link(path),
        form_key=parts.forms.key("verify", visited.id),
        again=visited.back_to_times,
    )
    return page(visit, content, status=status, here=path)
