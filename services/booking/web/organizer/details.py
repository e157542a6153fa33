"""The page on which an organizer edits an attendee's name and answers; the time stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.booking.domain import booking
from services.booking.domain.answers import Answer
from services.booking.domain.edits import Edit
from services.booking.domain.location import Phone
from services.booking.domain.meeting_type import Settings
from services.booking.domain.question import PHONE, Question
from services.booking.domain.refusals import Fault, Invalid, Refusal
from services.booking.web.attendee.draft import Draft, typed_in
from services.booking.web.attendee.question_fields import (
    CHECKED,
    QuestionField,
    answer_fault,
    attendee_in,
    question_fields,
)
from services.booking.web.organizer.booking import booking_page
from services.booking.web.organizer.booking_lines import BOOKINGS
from services.booking.web.organizer.desk import DONE, READ, desk_of, form_of
from services.booking.web.organizer.own_booking import OwnBooking, own_booking
from services.booking.web.organizer.refused import refused_in_words
from services.chassis.events.streams import VersionMismatch
from services.chassis.postgres.faults import VersionConflict

routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsPage:
    """The attendee's name and answers, as they are or were typed."""

    TEMPLATE: ClassVar[str] = "organizer/details.html"

    who: str
    when: str
    name: str
    questions: Sequence[QuestionField]
    faults: dict[str, str]
    changed: bool
    action: str
    form_key: str
    version: int
    back: str


@routes.api_route(f"{BOOKINGS}/{{booking_id}}/details", methods=READ)
async def show(request: Request, booking_id: str) -> Response:
    own = await own_booking(await desk_of(request), booking_id)
    if not _may_edit(own):
        return own.desk.see_other(own.path)
    typed = own.desk.typed_before()
    return _page(own, typed_in(typed) if typed else _as_it_is(own))


@routes.post(f"{BOOKINGS}/{{booking_id}}/details")
async def edit(request: Request, booking_id: str) -> Response:
    form_at = f"{BOOKINGS}/{booking_id}/details"
    desk, fields = await form_of(request, f"details-{booking_id}", form_at=form_at)
    own, typed = await own_booking(desk, booking_id), typed_in(fields)
    version = fields.get("version", "")
    expected = int(version) if version.isdecimal() and len(version) < 9 else None
    wanted = _edit(own, typed)
    try:
        await desk.parts.answers.edit_details(own.id, wanted, "organizer", expected)
    except Invalid as invalid:
        faults = dict(_fault(own, wanted, fault, typed) for fault in invalid.faults)
        return _page(own, typed, faults=faults, status=422)
    except (VersionMismatch, VersionConflict):
        now = await own_booking(desk, booking_id)
        return _page(now, typed, changed=True, status=409)
    except Refusal as refusal:
        now = await own_booking(desk, booking_id)
        return await booking_page(now, problem=refused_in_words(now, refusal), status=409)
    return desk.see_other(own.path, **{DONE: "edited"})


def _may_edit(own: OwnBooking) -> bool:
    is_open = isinstance(own.view.state, booking.Confirmed) and not own.has_begun
    return own.view.attendee is not None and (is_open or own.view.status == "requested")


def _settings(own: OwnBooking) -> Settings:
    """Return the type with all that can be edited as questions: former ones, and the number."""
    asked = own.context.settings.questions
    known = {each.id for each in asked}
    said = own.view.attendee.answers if own.view.attendee else ()
    former = [
        Question(
            id=each.question_id,
            label=each.label or "",
            kind="checkbox" if isinstance(each.value, bool) else "long_text",
            required=False,
            choices=(),
        )
        for each in said
        if each.question_id not in known and each.question_id != PHONE
    ]
    number = [_phone(own)] if PHONE not in known and _has_number(own) else []
    return replace(own.context.settings, questions=(*asked, *former, *number))


def _has_number(own: OwnBooking) -> bool:
    said = own.view.attendee.answers if own.view.attendee else ()
    is_called = isinstance(own.view.location, Phone) and own.view.location.who_calls == "organizer"
    return is_called or any(each.question_id == PHONE for each in said)


def _phone(own: OwnBooking) -> Question:
    label = own.desk.visit.reader.language.say("one_booking.phone")
    return Question(id=PHONE, label=label, kind="phone", required=False, choices=())


def _as_it_is(own: OwnBooking) -> Draft:
    attendee = own.view.attendee
    if attendee is None:
        return Draft()
    said = tuple(
        (each.question_id, _written(each.value)) for each in attendee.answers if each.value
    )
    return Draft(name=attendee.name, answers=said)


def _written(value: str | bool) -> str:
    return value if isinstance(value, str) else CHECKED


def _edit(own: OwnBooking, typed: Draft) -> Edit:
    """Return what differs from what is known: what nobody touched is not judged anew."""
    attendee = own.view.attendee
    before = {each.question_id: each.value for each in attendee.answers} if attendee else {}
    said = attendee_in(typed, _settings(own), time_zone=None, locale="en").answers
    return Edit(name=typed.name, answers=tuple(_changed(said, before)))


def _changed(said: Sequence[Answer], before: dict[str, str | bool]) -> Iterator[Answer]:
    for each in said:
        if each.value != before.get(each.question_id, False if each.value is False else ""):
            yield each


def _fault(own: OwnBooking, wanted: Edit, fault: Fault, typed: Draft) -> tuple[str, str]:
    """Return the field of the fault, which names an answer by its place among those changed."""
    settings = _settings(own)
    match fault.pointer.split("/"):
        case ["", "answers", place, *_] if int(place) < len(wanted.answers):
            changed = wanted.answers[int(place)].question_id
            places = [each.id for each in settings.questions]
            there = Fault(f"/answers/{places.index(changed)}/value", fault.detail)
            return answer_fault(there, settings, typed) or ("name", "fault.other")
        case ["", "name"]:
            return "name", "fault.name"
        case _:
            return "name", "fault.other"


def _page(
    own: OwnBooking,
    typed: Draft,
    *,
    faults: dict[str, str] | None = None,
    changed: bool = False,
    status: int = 200,
) -> Response:
    content = DetailsPage(
        who=own.who,
        when=own.when,
        name=typed.name,
        questions=question_fields(_settings(own), typed),
        faults=faults or {},
        changed=changed,
        action=own.link("/details"),
        form_key=own.key("details"),
        version=own.view.version,
        back=own.link(),
    )
    return own.desk.show(content, "bookings", status=status, here=f"{own.path}/details")
