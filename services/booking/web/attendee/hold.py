"""A held time: the visitor's details, and their confirmation, which may have to wait a moment."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import Pending
from services.booking.domain import booking
from services.booking.domain.attendee import Attendee
from services.booking.domain.meeting_type import Settings
from services.booking.domain.private_link.details import NOT_ADDRESSED
from services.booking.domain.refusals import (
    Fault,
    HoldOver,
    Invalid,
    SlotNotOffered,
    StateConflict,
)
from services.booking.parts import Parts, parts_of
from services.booking.web.attendee.booking_visit import BookingVisit, visit_booking
from services.booking.web.attendee.draft import DRAFT, Draft, draft_of, typed_in
from services.booking.web.attendee.hold_ended import show_ended
from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.attendee.question_fields import (
    QuestionField,
    answer_fault,
    asks_phone,
    attendee_in,
    needs_number,
    phone_places,
    places,
    question_fields,
)
from services.booking.web.forms import Guards, fields_of, keep
from services.booking.web.frames import note_frame_origins
from services.booking.web.responses import BOOKED, MINUTES, page, see_other

LOOK_AGAIN_SECONDS = 3
# The field at which the form shows a fault, and the key of its phrase.
_FAULTS = {
    "/attendee/name": ("name", "fault.name"),
    "/attendee/email": ("email", "fault.email"),
    "/attendee/phone": ("phone", "fault.phone"),
}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPage:
    """The form of a held time; in later stages it waits for the calendar, or is ready to send."""

    TEMPLATE: ClassVar[str] = "hold.html"

    stage: str
    meeting: MeetingWords
    when: str
    zone: str
    seconds: int
    held_until: str
    typed: Draft
    faults: Mapping[str, str]
    faulty: Sequence[tuple[str, str]]
    questions: Sequence[QuestionField]
    places: Sequence[str]
    phone_places: Sequence[int]
    asks_phone: bool
    needs: Sequence[str]
    needs_number: bool
    may_extend: bool
    confirm: str
    here: str
    kept_for: str
    form_key: str
    guards: Guards
    release: str
    release_key: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form sent, and what is wrong with it by field."""

    draft: Draft
    faults: Mapping[str, str] = field(default_factory=dict)


@routes.post("/m/booking/{booking_id}/confirm")
async def confirm(request: Request, booking_id: str) -> Response:
    parts, fields = parts_of(request), await fields_of(request)
    visited = await visit_booking(parts, request, booking_id, fields.get("ask"))
    note_frame_origins(request, visited.frame_origins)
    parts.forms.check(fields, "confirm", visited.id)
    draft = typed_in(fields)
    if "ask" in fields:  # only to be shown again, in another language
        return await show(parts, visited, typed=Typed(draft))
    if "extend" in fields:
        with suppress(HoldOver, StateConflict):  # then the page says how it stands
            await parts.bookings.extend(visited.id)
        now = replace(visited, view=await parts.bookings.view(visited.id))
        return await show(parts, now, typed=Typed(draft))
    if why := parts.forms.why_not_a_person(fields, visited.id):
        return await show(parts, visited, typed=Typed(draft, {"details": why}), status=422)
    try:
        outcome = await parts.bookings.confirm(visited.id, _attendee(visited, draft), wait=True)
    except Invalid as refusal:
        faults = _faults(refusal, visited.context.held, draft)
        return await show(parts, visited, typed=Typed(draft, faults), status=422)
    except (HoldOver, SlotNotOffered):
        now = replace(visited, view=await parts.bookings.view(visited.id))
        return await show(parts, now, typed=Typed(draft), status=409)
    # In a frame browsers keep no cookies of ours.
    if isinstance(outcome, Pending) and (visited.visit.framed or not draft.fits):
        return _held(parts, visited, draft, None, 200, again=False)
    if isinstance(outcome, Pending):
        response: Response = see_other(visited.visit, visited.path)
        seconds, secure = parts.settings.hold_seconds, parts.settings.is_secure
        keep(response, DRAFT, draft.written(), visited.path, secure=secure, seconds=seconds)
        return response
    response = see_other(visited.visit, visited.path, said=BOOKED)
    if not visited.visit.framed:
        response.delete_cookie(DRAFT, visited.path)
    return response


@routes.post("/m/booking/{booking_id}/release")
async def release(request: Request, booking_id: str) -> Response:
    parts = parts_of(request)
    visited = await visit_booking(parts, request, booking_id)
    note_frame_origins(request, visited.frame_origins)
    parts.forms.check(await fields_of(request), "release", visited.id)
    await parts.bookings.release(visited.id)
    if isinstance(visited.view.state, booking.Confirmed):
        return see_other(visited.visit, visited.path, said="kept")
    if visited.way_back is None:
        return see_other(visited.visit, visited.path)
    minutes = {MINUTES: visited.other_minutes}
    return see_other(visited.visit, visited.way_back, day=visited.day, **minutes)


async def show(
    parts: Parts,
    visited: BookingVisit,
    *,
    request: Request | None = None,
    typed: Typed | None = None,
    status: int = 200,
) -> Response:
    """Return the page of a booking that is not confirmed: held, or not any more."""
    view, kept = visited.view, draft_of(request) if request else None
    rejected = view.release_reason == "rejected" or (
        view.status == "held" and view.verdict == "rejected"
    )
    if view.status == "held" and not rejected:
        return _held(parts, visited, kept, typed, status)
    status, draft = 409 if status == 422 else status, typed.draft if typed else kept or Draft()
    return await show_ended(parts, visited, draft, status, is_rejected=rejected)


def _held(
    parts: Parts,
    visited: BookingVisit,
    kept: Draft | None,
    typed: Typed | None,
    status: int,
    *,
    again: bool = True,
) -> Response:
    """Return the form, or a page that waits for the calendar and may load itself `again`."""
    content = _content(parts, visited, kept, typed)
    seconds = LOOK_AGAIN_SECONDS if content.stage == "waiting" and again else None
    return page(
        visited.visit,
        content,
        status=status,
        here=visited.path,
        again_in_seconds=seconds,
        frame_origins=visited.frame_origins,
    )


def _content(
    parts: Parts, visited: BookingVisit, kept: Draft | None, typed: Typed | None
) -> HoldPage:
    view, visit, settings = visited.view, visited.visit, visited.context.held
    deadline = view.hold_expires_at
    assert deadline is not None, "a held booking has a deadline"
    sent = kept is not None and kept.sent and typed is None
    stage = ("ready" if view.verdict == "accepted" else "waiting") if sent else "hold"
    shown, faults = typed.draft if typed else kept or Draft(), typed.faults if typed else {}
    questions = question_fields(settings, shown)
    return HoldPage(
        stage=stage,
        meeting=visited.meeting(booked=False),
        when=visited.when,
        zone=visited.zone,
        seconds=math.ceil((deadline - view.at).total_seconds()),
        held_until=visited.clock.time(deadline),
        typed=shown,
        faults=faults,
        faulty=_faulty(visited, faults, questions),
        questions=questions,
        places=_places(visited),
        phone_places=phone_places(settings),
        asks_phone=asks_phone(settings),
        needs=_needs(settings),
        needs_number=needs_number(settings),
        may_extend=booking.may_extend(view.state),
        here=visit.link(visited.path),
        kept_for=str(visited.id),
        confirm=visit.link(f"{visited.path}/confirm"),
        form_key=parts.forms.key("confirm", visited.id),
        # What was sent once, and only waits for the calendar, was filled in a while ago.
        guards=parts.forms.guards(visited.id, begun=visited.id if sent else None),
        release=visit.link(f"{visited.path}/release"),
        release_key=parts.forms.key("release", visited.id),
    )


def _faulty(
    visited: BookingVisit, faults: Mapping[str, str], questions: Sequence[QuestionField]
) -> Sequence[tuple[str, str]]:
    """Return the fields to correct, in their order, each with its label."""
    say = visited.visit.reader.language.say
    labels = {each: say(f"hold.{each}") for each in ("name", "email", "phone")}
    labels |= {each.id: each.label for each in questions}
    return [(field_, label) for field_, label in labels.items() if field_ in faults]


def _places(visited: BookingVisit) -> Sequence[str]:
    organizer = visited.context.offering.profile.display_name
    return places(visited.context.held, visited.visit.reader.language, organizer)


def _needs(settings: Settings) -> Sequence[str]:
    """Return the keys of what has to happen before the meeting is booked."""
    steps = (
        ("hold.verification", settings.verification_required),
        ("hold.approval", settings.approval_required),
    )
    return [key for key, needed in steps if needed]


def _attendee(visited: BookingVisit, draft: Draft) -> Attendee:
    return attendee_in(
        draft,
        visited.context.held,
        time_zone=visited.visit.time_zone,
        locale=visited.visit.reader.locale,
    )


def _faults(refusal: Invalid, settings: Settings, draft: Draft) -> Mapping[str, str]:
    return dict(answer_fault(fault, settings, draft) or _fault(fault) for fault in refusal.faults)


def _fault(fault: Fault) -> tuple[str, str]:
    if fault.detail == NOT_ADDRESSED:
        return "email", "fault.addressee"
    return _FAULTS.get(fault.pointer, ("name", "fault.other"))
