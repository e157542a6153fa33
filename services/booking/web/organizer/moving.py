"""The pages on which an organizer moves a booking: pick a time, then say why; leads do not bind."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import Done, Outcome, Pending, TimeRefused
from services.booking.domain import booking
from services.booking.domain.meeting_type import Settings
from services.booking.domain.refusals import Invalid, Refusal
from services.booking.web.attendee.pick import pick_page, pick_time
from services.booking.web.attendee.pick_content import MovedMeeting, TimeForm, kept_fields
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.forms import instant_of
from services.booking.web.organizer.booking import booking_page
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import DONE, READ, desk_of, form_of
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import reasons_against_time, refused_in_words
from services.chassis.http.instants import written
from services.chassis.text.typed import trimmed

# How far ahead an organizer may look, whatever binds attendees.
FAR_AHEAD = timedelta(days=365)

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMovePage:
    """The question before a meeting is moved, with room for the reason."""

    TEMPLATE: ClassVar[str] = "organizer/move.html"

    who: str
    title: str
    when: str
    new_when: str
    zone: str
    start: str
    action: str
    form_key: str
    reason: str
    fault: bool
    refused: tuple[str, ...]
    nearest: tuple[tuple[str, str], ...]
    other: str
    back: str


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/move", methods=READ)
async def choose(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    if not isinstance(own.view.state, booking.Confirmed | booking.Requested) or own.has_begun:
        return own.desk.see_other(own.path)
    typed = own.desk.typed_before() or {}
    start = typed.get("start") or request.query_params.get("start")
    if start:
        return _confirm_page(own, instant_of(start), typed.get("reason", ""))
    return await _pick(own)


@routes.post(f"{BOOKINGS}/{{booking_id}}/move")
async def move(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}/move"
    desk, fields = await form_of(request, f"move-{booking_id}", form_at=form_at)
    own, reason = await own_booking(desk, booking_id), trimmed(fields.get("reason", ""))
    start = instant_of(fields.get("start", ""))
    try:
        outcome = await desk.parts.bookings.move(own.id, start, "organizer", reason, wait=True)
    except Invalid:
        return _confirm_page(own, start, reason, fault=True)
    except Refusal as refusal:
        now = await own_booking(desk, str(own.id))
        return await booking_page(now, problem=refused_in_words(now, refusal), status=409)
    return _moved(own, outcome, start, reason)


def _moved(own: OwnBooking, outcome: Outcome, start: datetime, reason: str) -> Response:
    match outcome:
        case Done():
            done = "kept" if start == own.view.slot.start else "moved"
            return own.desk.see_other(own.path, **{DONE: done})
        case Pending():
            return own.desk.see_other(own.path, moving=written(start))
        case TimeRefused():
            return _confirm_page(own, start, reason, refused=outcome)


def without_leads(settings: Settings) -> Settings:
    """Return the type as it is for its organizer, whom lead times do not bind."""
    ahead = int(FAR_AHEAD.total_seconds() // 60)
    return replace(settings, min_lead_minutes=0, max_lead_minutes=ahead)


async def _pick(own: OwnBooking) -> Response:
    visit, view, path = own.desk.visit, own.view, f"{own.path}/move"
    settings = without_leads(own.context.settings)
    shown = await pick_time(
        own.desk.parts, visit, own.clock, own.opening(), settings, near=view.slot.start
    )
    content = pick_page(
        visit,
        own.clock,
        shown,
        path=path,
        meeting=own.meeting,
        length=view.slot.end - view.slot.start,
        form=TimeForm(action=path, key=None, kept=kept_fields(lang=visit.reader.asked)),
        rules=Rules(settings, own.clock.zone, view.at),
        zone_locked=True,
        moving=MovedMeeting(when=own.when, back=own.link()),
    )
    return own.desk.show(content, "bookings", here=path)


def _confirm_page(
    own: OwnBooking,
    start: datetime,
    reason: str,
    *,
    fault: bool = False,
    refused: TimeRefused | None = None,
) -> Response:
    new, path, visit = own.view.slot.starting_at(start), f"{own.path}/move", own.desk.visit
    nearest = refused.nearest if refused else ()
    content = ConfirmMovePage(
        who=own.who,
        title=own.meeting.title,
        when=own.when,
        new_when=own.clock.when(new.start, new.end),
        zone=own.clock.zone_at(new.start),
        start=written(start),
        action=own.link("/move"),
        form_key=own.key("move"),
        reason=reason,
        fault=fault,
        refused=tuple(reasons_against_time(visit, refused.refusal)) if refused else (),
        nearest=tuple((written(each.start), own.clock.moment(each.start)) for each in nearest),
        other=own.link("/move", day=start.astimezone(own.clock.zone).date().isoformat()),
        back=own.link(),
    )
    status = 422 if fault else 409 if refused else 200
    return own.desk.show(content, "bookings", status=status, here=path)
