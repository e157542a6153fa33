"""Booking for somebody else: a type, a time that lead times do not forbid, then who it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.bookings.outcomes import Done, Outcome, Pending, TimeRefused
from services.booking.bookings.reservation import Reservation
from services.booking.domain.refusals import Fault, Invalid, PageMissing, Refusal
from services.booking.page.views import view_page
from services.booking.web.attendee.draft import Draft, typed_in
from services.booking.web.attendee.meeting import meeting_words
from services.booking.web.attendee.pick import pick_page, pick_time
from services.booking.web.attendee.pick_content import TimeForm, kept_fields
from services.booking.web.attendee.question_fields import (
    QuestionField,
    answer_fault,
    asks_phone,
    attendee_in,
    needs_number,
    places,
    question_fields,
)
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.forms import instant_of
from services.booking.web.organizer.booking_lines import BOOKINGS, path_of
from services.booking.web.organizer.desk import DONE, HOME, READ, Desk, desk_of, form_of
from services.booking.web.organizer.moving import without_leads
from services.booking.web.organizer.refused import reasons_against_time
from services.booking.web.organizer.type_choice import (
    ChosenType,
    TypeCard,
    chosen_type,
    own_types,
    type_cards,
)
from services.booking.web.organizer.zone_options import Regions, regions_with
from services.booking.web.wording import languages
from services.chassis.http.instants import written
from services.chassis.web.zone_names import todays_name
from services.chassis.web.zones import is_zone

NEW = f"{BOOKINGS}/new"
ACTION = "book"
_FAULTS = {
    "/attendee/name": ("name", "fault.name"),
    "/attendee/email": ("email", "fault.email"),
    "/attendee/phone": ("phone", "fault.phone"),
}

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTypePage:
    """The types to choose from: for a booking, or for times to offer."""

    TEMPLATE: ClassVar[str] = "organizer/choose_type.html"

    purpose: str
    cards: Sequence[TypeCard]
    types: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBehalfPage:
    """Who the time is for; with `refused` another time has to be chosen, or the page is off."""

    TEMPLATE: ClassVar[str] = "organizer/on_behalf.html"

    title: str
    when: str
    zone_words: str
    start: str
    typed: Draft
    zone: str
    regions: Regions
    language: str
    speaks: Sequence[tuple[str, str]]
    questions: Sequence[QuestionField]
    places: Sequence[str]
    asks_phone: bool
    needs_number: bool
    faults: Mapping[str, str]
    refused: Sequence[str]
    nearest: Sequence[tuple[str, str]]
    pending: bool
    action: str
    form_key: str
    once: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What the form carries, with the key that makes its booking one and the same."""

    draft: Draft
    zone: str
    language: str
    once: str


@routes.api_route(NEW, methods=READ)
async def choose_type(request: Request) -> Response:
    return await choose_type_page(await desk_of(request), "book", NEW, BOOKINGS)


async def choose_type_page(desk: Desk, purpose: str, path: str, back: str) -> Response:
    """Return the page on which a type is chosen; its ways lead on under the path."""
    try:
        owner = (await desk.parts.transactions.read(lambda c: view_page(c, desk.organizer.id))).page
    except PageMissing:
        return desk.see_other(HOME)
    clock = desk.visit.clock(owner.profile.time_zone, locked=True)
    content = ChooseTypePage(
        purpose=purpose,
        cards=type_cards(desk, await own_types(desk), clock, path),
        types=desk.link(f"{HOME}/types"),
        back=desk.link(back),
    )
    return desk.show(content, "bookings" if purpose == "book" else "offers")


@routes.api_route(f"{NEW}/{{type_id}}/{{minutes}}", methods=READ)
async def choose_time(request: Request, type_id: str, minutes: str) -> Response:
    desk = await desk_of(request)
    chosen = await chosen_type(desk, type_id, minutes)
    fields = desk.typed_before() or {}
    start = fields.get("start") or request.query_params.get("start")
    if start:
        return _form_page(desk, chosen, instant_of(start), _typed(desk, chosen, fields))
    return await _pick(desk, chosen)


@routes.post(f"{NEW}/{{type_id}}/{{minutes}}")
async def book(request: Request, type_id: str, minutes: str) -> Response:
    form_at = f"{NEW}/{type_id}/{minutes}"
    desk, fields = await form_of(request, ACTION, form_at=form_at)
    chosen = await chosen_type(desk, type_id, minutes)
    start, typed = instant_of(fields.get("start", "")), _typed(desk, chosen, fields)
    asked = Reservation(
        booking_id=desk.parts.forms.booking_id(typed.once, _path(chosen), start),
        meeting_type_id=chosen.id,
        start=start,
        link_id=None,
        duration_minutes=chosen.minutes,
        signed_in=desk.organizer.id,
    )
    attendee = attendee_in(
        typed.draft, chosen.settings, time_zone=typed.zone, locale=typed.language
    )
    try:
        outcome = await desk.parts.bookings.book(asked, attendee, wait=True)
    except Invalid as invalid:
        faults = dict(_fault(fault, chosen, typed.draft) for fault in invalid.faults)
        return _form_page(desk, chosen, start, typed, faults=faults, status=422)
    except Refusal as refusal:
        words = reasons_against_time(desk.visit, refusal)
        return _form_page(desk, chosen, start, typed, refused=words, status=409)
    return _booked(desk, chosen, start, typed, outcome)


def _booked(
    desk: Desk, chosen: ChosenType, start: datetime, typed: _Typed, outcome: Outcome
) -> Response:
    match outcome:
        case Done(view):
            return desk.see_other(path_of(view), **{DONE: "booked"})
        case Pending():
            return _form_page(desk, chosen, start, typed, pending=True)
        case TimeRefused(refusal, nearest):
            words, clock = reasons_against_time(desk.visit, refusal), chosen.clock
            times = [(written(each.start), clock.moment(each.start)) for each in nearest]
            return _form_page(desk, chosen, start, typed, refused=words, nearest=times, status=409)


async def _pick(desk: Desk, chosen: ChosenType) -> Response:
    visit, path = desk.visit, _path(chosen)
    settings = without_leads(chosen.settings)
    shown = await pick_time(desk.parts, visit, chosen.clock, chosen.opening(desk), settings)
    content = pick_page(
        visit,
        chosen.clock,
        shown,
        path=path,
        meeting=meeting_words(
            visit.reader.language,
            title=chosen.settings.title,
            organizer=chosen.profile.display_name,
            location=chosen.settings.location,
        ),
        length=timedelta(minutes=chosen.minutes),
        form=TimeForm(action=path, key=None, kept=kept_fields(lang=visit.reader.asked)),
        rules=Rules(settings, chosen.clock.zone, datetime.now(UTC)),
        zone_locked=True,
    )
    own = replace(content, other_types=desk.link(NEW))
    return desk.show(own, "bookings", here=path)


def _form_page(
    desk: Desk,
    chosen: ChosenType,
    start: datetime,
    typed: _Typed,
    *,
    faults: Mapping[str, str] | None = None,
    refused: Sequence[str] = (),
    nearest: Sequence[tuple[str, str]] = (),
    pending: bool = False,
    status: int = 200,
) -> Response:
    settings, clock, language = chosen.settings, chosen.clock, desk.visit.reader.language
    content = OnBehalfPage(
        title=chosen.title,
        when=clock.when(start, start + timedelta(minutes=chosen.minutes)),
        zone_words=clock.zone_at(start),
        start=written(start),
        typed=typed.draft,
        zone=typed.zone,
        regions=regions_with(typed.zone),
        language=typed.language,
        speaks=[(each.code, each.name) for each in languages().values()],
        questions=question_fields(settings, typed.draft),
        places=places(settings, language, chosen.profile.display_name),
        asks_phone=asks_phone(settings),
        needs_number=needs_number(settings),
        faults=faults or {},
        refused=refused,
        nearest=nearest,
        pending=pending,
        action=desk.link(_path(chosen)),
        form_key=desk.key(ACTION),
        once=typed.once,
        other=desk.link(_path(chosen), day=start.astimezone(clock.zone).date().isoformat()),
    )
    return desk.show(content, "bookings", status=status, here=_path(chosen))


def _typed(desk: Desk, chosen: ChosenType, fields: Mapping[str, str]) -> _Typed:
    """Return what was typed; a zone or language that is none is the organizer's."""
    zone, language = fields.get("tz", ""), fields.get("language", "")
    return _Typed(
        draft=typed_in(fields),
        zone=todays_name(zone if is_zone(zone) else chosen.profile.time_zone),
        language=language if language in languages() else desk.visit.reader.language.code,
        once=fields.get("once") or desk.parts.forms.fresh(),
    )


def _fault(fault: Fault, chosen: ChosenType, draft: Draft) -> tuple[str, str]:
    return answer_fault(fault, chosen.settings, draft) or _FAULTS.get(
        fault.pointer, ("name", "fault.other")
    )


def _path(chosen: ChosenType) -> str:
    return f"{NEW}/{chosen.id}/{chosen.minutes}"
