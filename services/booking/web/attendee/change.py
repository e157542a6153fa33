"""The pages on which an attendee moves or cancels their booking."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import Done, Pending, TimeRefused
from services.booking.domain import booking
from services.booking.domain.refusals import ChangeTooLate, Invalid, StateConflict
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee.booking_visit import BookingVisit, day_of, visit_booking
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.attendee.pick import pick_page, pick_time
from services.booking.web.attendee.pick_content import MovedMeeting, TimeForm, kept_fields
from services.booking.web.attendee.time_refused import time_refused
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.attendee.zone_choice import SEARCH, zones_page
from services.booking.web.forms import fields_of, instant_of
from services.booking.web.responses import BY_ADDRESS, page, see_other
from services.chassis.http.instants import written
from services.chassis.text.typed import trimmed
from services.chassis.web.zones import zone_of

READ = ["GET", "HEAD"]

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmChangePage:
    """The question before a change is made, with room for the reason."""

    TEMPLATE: ClassVar[str] = "sure.html"

    act: Literal["move", "cancel"]
    meeting: MeetingWords
    when: str
    zone: str
    theirs: str
    new_when: str = ""
    start: str = ""
    action: str
    here: str
    form_key: str
    typed: str
    fault: bool
    back: str


@routes.api_route("/m/booking/{booking_id}/move", methods=READ)
async def choose_new_time(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    _refuse_if_unchangeable(visited)
    if SEARCH in request.query_params:
        path, title = f"{visited.path}/move", visited.meeting(booked=False).title
        return zones_page(visited.visit, visited.clock, path, title)
    if "start" in request.query_params:
        return _confirm_move_page(parts, visited, request.query_params["start"])
    return await _pick_new_time(parts, visited)


@routes.post("/m/booking/{booking_id}/move")
async def move(request: Request, booking_id: str) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    visited = await visit_booking(parts, request, booking_id, fields.get("ask"))
    parts.forms.check(fields, "move", visited.id)
    start, reason = instant_of(fields.get("start", "")), trimmed(fields.get("reason", ""))
    if "ask" in fields:
        _refuse_if_unchangeable(visited)
        return _confirm_move_page(parts, visited, fields["start"], typed=reason)
    try:
        outcome = await parts.bookings.move(visited.id, start, "attendee", reason, wait=True)
    except Invalid:
        return _confirm_move_page(parts, visited, fields["start"], typed=reason, status=422)
    match outcome:
        case Done():
            said = "kept" if start == visited.view.slot.start else "moved"
            return see_other(visited.visit, visited.path, said=said)
        case Pending():
            return see_other(visited.visit, visited.path, moving=written(start))
        case TimeRefused():
            return _time_refused_page(parts, visited, outcome, start, reason)


@routes.api_route("/m/booking/{booking_id}/cancel", methods=READ)
async def ask_to_cancel(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    if isinstance(visited.view.state, booking.Cancelled | booking.Declined):
        return see_other(visited.visit, visited.path)
    _refuse_if_not_cancellable(visited)
    return _confirm_cancel_page(parts, visited)


@routes.post("/m/booking/{booking_id}/cancel")
async def cancel(request: Request, booking_id: str) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    visited = await visit_booking(parts, request, booking_id, fields.get("ask"))
    parts.forms.check(fields, "cancel", visited.id)
    reason = trimmed(fields.get("reason", ""))
    if "ask" in fields:
        _refuse_if_not_cancellable(visited)
        return _confirm_cancel_page(parts, visited, typed=reason)
    try:
        await parts.bookings.cancel(visited.id, "attendee", reason)
    except Invalid:
        return _confirm_cancel_page(parts, visited, typed=reason, status=422)
    return see_other(visited.visit, visited.path)


async def _pick_new_time(parts: Parts, visited: BookingVisit) -> Response:
    visit, slot, path = visited.visit, visited.view.slot, f"{visited.path}/move"
    opening, settings = visited.opening(parts), visited.context.offering.settings
    profile = visited.context.offering.profile
    shown = await pick_time(parts, visit, visited.clock, opening, settings, near=slot.start)
    content = pick_page(
        visit,
        visited.clock,
        shown,
        path=path,
        meeting=visited.meeting(booked=False),
        length=slot.end - slot.start,
        form=_new_time_form(visited, path),
        rules=Rules(settings, zone_of(profile.time_zone), visited.view.at),
        zone_locked=profile.time_zone_locked,
        moving=MovedMeeting(when=visited.when, back=visit.link(visited.path)),
    )
    return page(visit, content)


def _confirm_move_page(
    parts: Parts, visited: BookingVisit, start: str, *, typed: str = "", status: int = 200
) -> Response:
    new = visited.view.slot.starting_at(instant_of(start))
    content = ConfirmChangePage(
        act="move",
        meeting=visited.meeting(booked=False),
        when=visited.when,
        zone=visited.zone,
        theirs=visited.theirs_at(new),
        new_when=visited.clock.when(new.start, new.end),
        start=written(new.start),
        action=visited.visit.link(f"{visited.path}/move"),
        here=visited.visit.link(f"{visited.path}/move", start=written(new.start)),
        form_key=parts.forms.key("move", visited.id),
        typed=typed,
        fault=status != 200,
        back=visited.visit.link(f"{visited.path}/move", day=day_of(new.start, visited.clock)),
    )
    return page(visited.visit, content, status=status)


def _confirm_cancel_page(
    parts: Parts, visited: BookingVisit, *, typed: str = "", status: int = 200
) -> Response:
    content = ConfirmChangePage(
        act="cancel",
        meeting=visited.meeting(booked=False),
        when=visited.when,
        zone=visited.zone,
        theirs=visited.theirs,
        action=visited.visit.link(f"{visited.path}/cancel"),
        here=visited.visit.link(f"{visited.path}/cancel"),
        form_key=parts.forms.key("cancel", visited.id),
        typed=typed,
        fault=status != 200,
        back=visited.visit.link(visited.path),
    )
    return page(visited.visit, content, status=status)


def _time_refused_page(
    parts: Parts, visited: BookingVisit, refused: TimeRefused, start: datetime, reason: str
) -> Response:
    """Return the page for a new time that was refused; the meeting keeps its time.

    The times nearby lead to the question again, with the reason that was typed.
    """
    path = f"{visited.path}/move"
    form = TimeForm(
        action=visited.visit.link(path),
        key=parts.forms.key("move", visited.id),
        kept=kept_fields(ask=visited.visit.reader.language.code, reason=reason),
    )
    return time_refused(
        visited.visit,
        visited.clock,
        refused,
        start,
        form=form,
        all_times=visited.visit.link(path, day=day_of(start, visited.clock)),
        here=path,
    )


def _new_time_form(visited: BookingVisit, path: str) -> TimeForm:
    visit = visited.visit
    kept = kept_fields(
        lang=visit.reader.asked, tz=visit.time_zone, token=visit.query.get(BY_ADDRESS)
    )
    return TimeForm(action=path, key=None, kept=kept)


def _refuse_if_unchangeable(visited: BookingVisit) -> None:
    if not isinstance(visited.view.state, booking.Confirmed | booking.Requested):
        raise StateConflict("Only a confirmed meeting can be moved or cancelled.")
    if visited.is_too_late:
        raise ChangeTooLate(visited.last_change)


def _refuse_if_not_cancellable(visited: BookingVisit) -> None:
    """Refuse as for a move; what is not confirmed yet can be withdrawn at any time."""
    if not isinstance(visited.view.state, booking.Requested | booking.Unverified):
        _refuse_if_unchangeable(visited)
