"""The page of one booking as it stands; reading it changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.api import calendar_file_response
from services.booking.domain import booking
from services.booking.domain.refusals import NotAvailable, NotFound, SlotNotOffered, StateConflict
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee import hold, unconfirmed
from services.booking.web.attendee.booking_visit import BookingVisit, visit_booking
from services.booking.web.attendee.history_lines import HistoryLine, history_lines
from services.booking.web.attendee.meeting import MeetingWords, calendar_links
from services.booking.web.attendee.time_refused import reasons_in_words
from services.booking.web.forms import BOOKED_SECONDS, KEPT_SECONDS, MANAGE, keep
from services.booking.web.responses import BOOKED, page, see_other, visit_of
from services.chassis.http.instants import instant_of

READ = ["GET", "HEAD"]
# What was just done, as named in the address, and the key of the phrase about it.
NEWS = {BOOKED: "booking.mail", "moved": "booking.mail.moved", "kept": None}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMoveNotice:
    """The new time that is being checked, and the form that keeps the old one."""

    when: str
    until: str
    keep: str
    form_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMoved:
    """The new time that could not be taken in the end; `words` are the keys of the reasons."""

    when: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    """A confirmed or cancelled booking."""

    TEMPLATE: ClassVar[str] = "booking.html"

    heading: str
    meeting: MeetingWords
    when: str
    zone: str
    theirs: str
    news: str | None
    email: str
    booked_by: str
    cancelled: bool
    again: str | None
    pending: PendingMoveNotice | None
    not_moved: NotMoved | None
    calendar_file: str
    calendars: Mapping[str, str]
    asked_to_move: bool
    too_late: bool
    last_change: str
    move: str | None
    cancel: str
    manage: str | None
    history: Sequence[HistoryLine]


@routes.api_route("/m/{token}", methods=READ)
async def open_booking(request: Request, token: str) -> Response:
    parts = parts_of(request)
    id_ = parts.tokens.read_manage(token)
    if id_ is None:
        raise NotFound("booking")
    path = f"/m/booking/{id_}"
    response = see_other(visit_of(request), path)
    keep(response, MANAGE, token, path, secure=parts.settings.is_secure, seconds=BOOKED_SECONDS)
    return response


@routes.api_route("/m/booking/{booking_id}", methods=READ)
async def show(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    if isinstance(visited.view.state, booking.Confirmed | booking.Cancelled):
        response, seconds = await _booking_page(parts, visited), BOOKED_SECONDS
    elif isinstance(visited.view.state, unconfirmed.Shown):
        response, seconds = unconfirmed.show(parts, visited), BOOKED_SECONDS
    else:
        response, seconds = await hold.show(parts, visited, request=request), KEPT_SECONDS
    if not visited.visit.framed:
        secure = parts.settings.is_secure
        keep(response, MANAGE, visited.token, visited.path, secure=secure, seconds=seconds)
    return response


@routes.api_route("/m/booking/{booking_id}/invite.ics", methods=READ)
async def calendar_file(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    file = await parts.bookings.calendar_file(visited.id, "attendee")
    response = calendar_file_response(file)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _booking_page(parts: Parts, visited: BookingVisit) -> Response:
    visit, content = visited.visit, await _content(parts, visited)
    checking = content.pending and not content.pending.until
    # Right after it was booked in a frame it is shown there; afterwards it is nobody else's.
    is_news = visit.query.get("said") == BOOKED and not (content.cancelled or content.pending)
    return page(
        visit,
        content,
        here=visited.path,
        again_in_seconds=hold.LOOK_AGAIN_SECONDS if checking else None,
        again=visit.link(visited.path, moving=visit.query.get("moving")),
        frame_origins=visited.frame_origins if is_news else (),
    )


async def _content(parts: Parts, visited: BookingVisit) -> BookingPage:
    view, visit = visited.view, visited.visit
    cancelled = isinstance(view.state, booking.Cancelled)
    meeting = visited.meeting(booked=True)
    moving = instant_of(visit.query.get("moving", ""))
    said = visit.query.get("said") if not cancelled else None
    if moving == view.slot.start and not cancelled:
        said = "moved"  # the calendar has answered since
    heading = f"booking.title.{said}" if said in NEWS else "booking.title"
    may_move = visited.context.page_open and not visited.is_too_late
    attendee = view.attendee
    return BookingPage(
        heading="booking.title.cancelled" if cancelled else heading,
        meeting=meeting,
        when=visited.when,
        zone=visited.zone,
        theirs=visited.theirs,
        news=NEWS.get(said or "") if attendee else None,
        email=attendee.email if attendee else "",
        booked_by=f"{attendee.name} ({attendee.email})" if attendee else "",
        cancelled=cancelled,
        again=visited.way_back and visit.link(visited.way_back),
        pending=_pending(parts, visited),
        not_moved=await _not_moved(parts, visited, moving) if moving else None,
        calendar_file=visit.link(f"{visited.path}/invite.ics"),
        calendars=calendar_links(
            visit.reader.language,
            meeting,
            view.slot.start,
            view.slot.end,
            parts.tokens.manage_url(view.id),
        ),
        asked_to_move=view.asked_to_move,
        too_late=visited.is_too_late,
        last_change=visited.clock.moment(visited.last_change),
        move=visit.link(f"{visited.path}/move") if may_move else None,
        cancel=visit.link(f"{visited.path}/cancel"),
        manage=parts.tokens.manage_url(view.id) if visit.framed else None,
        history=await history_lines(parts, visited, meeting.organizer),
    )


async def _not_moved(parts: Parts, visited: BookingVisit, start: datetime) -> NotMoved | None:
    """Return why the meeting was not moved to the time that this visitor asked for."""
    view = visited.view
    refusal = booking.why_not_moved(view.state, view.slot.starting_at(start), view.at)
    match refusal:
        case None:
            return None
        case SlotNotOffered():
            rejected_for = await parts.bookings.rejected_for(view.id, start)
            words = reasons_in_words(visited.visit, SlotNotOffered(rejected_for))
        case NotAvailable():
            words = ["not_moved.off"]
        case StateConflict() if _was_declined(view.state):
            words = ["not_moved.declined"]
        case StateConflict():
            words = ["not_moved.replaced"]
        case _:
            words = ["not_moved.timeout"]
    when = visited.clock.moment(start)
    return NotMoved(when=when, words=words or ["not_offered.text"])


def _was_declined(state: booking.State) -> bool:
    """Tell whether the organizer has declined the new time that was asked for last."""
    refused = state.refused_move if isinstance(state, booking.Confirmed) else None
    return refused is not None and refused.reason == "declined"


def _pending(parts: Parts, visited: BookingVisit) -> PendingMoveNotice | None:
    move = visited.view.pending_move
    if move is None:
        return None
    return PendingMoveNotice(
        when=visited.clock.when(move.slot.start, move.slot.end),
        until=visited.clock.moment(move.expires_at) if move.awaits_approval else "",
        keep=visited.visit.link(f"{visited.path}/release"),
        form_key=parts.forms.key("release", visited.id),
    )
