"""The page of one booking as it stands; reading it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.api import calendar_file_response
from services.booking.domain import booking
from services.booking.domain.refusals import NotFound
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee import hold
from services.booking.web.attendee.booking_visit import BookingVisit, visit_booking
from services.booking.web.attendee.meeting import MeetingWords, calendar_links
from services.booking.web.forms import KEPT_SECONDS, MANAGE, keep
from services.booking.web.responses import page, see_other, visit_of

READ = ["GET", "HEAD"]
# What was just done, as named in the address, and the key of the phrase about it.
NEWS = {"booked": "booking.mail", "moved": "booking.mail.moved", "kept": None}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMoveNotice:
    """The new time that is being checked, and the form that keeps the old one."""

    when: str
    keep: str
    form_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    """A confirmed or cancelled booking."""

    TEMPLATE: ClassVar[str] = "booking.html"

    heading: str
    meeting: MeetingWords
    when: str
    zone: str
    news: str | None
    email: str
    booked_by: str
    cancelled: bool
    again: str | None
    pending: PendingMoveNotice | None
    calendar_file: str
    calendars: Mapping[str, str]
    too_late: bool
    last_change: str
    move: str | None
    cancel: str


@routes.api_route("/m/{token}", methods=READ)
async def open_booking(request: Request, token: str) -> Response:
    parts = parts_of(request)
    id_ = parts.tokens.read_manage(token)
    if id_ is None:
        raise NotFound("booking")
    path = f"/m/booking/{id_}"
    response = see_other(visit_of(request), path)
    keep(response, MANAGE, token, path, secure=parts.settings.is_secure, seconds=KEPT_SECONDS)
    return response


@routes.api_route("/m/booking/{booking_id}", methods=READ)
async def show(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    if isinstance(visited.view.state, booking.Confirmed | booking.Cancelled):
        response = _booking_page(parts, visited)
    else:
        response = await hold.show(parts, visited, request=request)
    token, secure = request.cookies[MANAGE], parts.settings.is_secure
    keep(response, MANAGE, token, visited.path, secure=secure, seconds=KEPT_SECONDS)
    return response


@routes.api_route("/m/booking/{booking_id}/invite.ics", methods=READ)
async def calendar_file(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    file = await parts.bookings.calendar_file(visited.id, "attendee")
    response = calendar_file_response(file)
    response.headers["Cache-Control"] = "no-store"
    return response


def _booking_page(parts: Parts, visited: BookingVisit) -> Response:
    view, visit = visited.view, visited.visit
    cancelled = isinstance(view.state, booking.Cancelled)
    meeting = visited.meeting(booked=True)
    said = visit.query.get("said") if not cancelled else None
    heading = f"booking.title.{said}" if said in NEWS else "booking.title"
    may_move = visited.context.page_open and not visited.is_too_late
    attendee = view.attendee
    content = BookingPage(
        heading="booking.title.cancelled" if cancelled else heading,
        meeting=meeting,
        when=visited.when,
        zone=visited.zone,
        news=NEWS.get(said or "") if attendee else None,
        email=attendee.email if attendee else "",
        booked_by=f"{attendee.name} ({attendee.email})" if attendee else "",
        cancelled=cancelled,
        again=visited.way_back and visit.link(visited.way_back),
        pending=_pending(parts, visited),
        calendar_file=f"{visited.path}/invite.ics",
        calendars=calendar_links(
            visit.reader.language,
            meeting,
            view.slot.start,
            view.slot.end,
            parts.tokens.manage_url(view.id),
        ),
        too_late=visited.is_too_late,
        last_change=visited.clock.moment(visited.last_change),
        move=visit.link(f"{visited.path}/move") if may_move else None,
        cancel=visit.link(f"{visited.path}/cancel"),
    )
    again = hold.LOOK_AGAIN_SECONDS if content.pending else None
    return page(visit, content, here=visited.path, again_in_seconds=again)


def _pending(parts: Parts, visited: BookingVisit) -> PendingMoveNotice | None:
    move = visited.view.pending_move
    if move is None:
        return None
    return PendingMoveNotice(
        when=visited.clock.when(move.slot.start, move.slot.end),
        keep=visited.visit.link(f"{visited.path}/release"),
        form_key=parts.forms.key("release", visited.id),
    )
