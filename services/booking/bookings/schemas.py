"""The shapes of a booking, field by field as outsiders rely on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo

from services.booking.attendees.commands import LONGEST_REASON
from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.views import BookingView
from services.booking.domain import booking
from services.booking.domain.answers import (
    LONGEST_ANSWER,
    LONGEST_QUESTION_ID,
    MOST_ANSWERS,
    Answer,
)
from services.booking.domain.attendee import LONGEST_NAME, Attendee
from services.booking.domain.location import number_faults
from services.booking.domain.question import PHONE
from services.booking.domain.slot import Party
from services.booking.domain.text import line_faults, paragraph_faults
from services.booking.schemas import (
    TRIMMED,
    Body,
    Locale,
    LocationResponse,
    MailAddress,
    ZoneName,
    location_response,
    typed,
)
from services.booking.tokens import Tokens
from services.chassis.http.instants import Instant
from services.chassis.http.listing import Identified

T = TypeVar("T")

Status = Literal[
    "held", "unverified", "requested", "confirmed", "declined", "cancelled", "released"
]


Reason = Annotated[str, TRIMMED, typed(paragraph_faults, longest=LONGEST_REASON)]


class AnswerBody(Body):
    """An answer to one question of the meeting type."""

    question_id: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_QUESTION_ID)]
    value: Annotated[str, TRIMMED, typed(paragraph_faults, longest=LONGEST_ANSWER)] | bool


Answers = Annotated[tuple[AnswerBody, ...], Field(max_length=MOST_ANSWERS)]


class AttendeeBody(Body):
    """The person who books."""

    name: Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_NAME)]
    email: MailAddress
    time_zone: ZoneName | None = Field(default=None, description="The organizer's if left out.")
    locale: Locale = "en"
    phone: Annotated[str, TRIMMED, typed(number_faults)] | None = Field(
        default=None,
        description="Needed where the organizer calls; kept as the answer to `phone`.",
    )


Place = Annotated[
    int,
    Field(
        ge=0, description="Which of the meeting type's `locations`; the first if it is left out."
    ),
]


def _needs_attendee(value: T, info: ValidationInfo) -> T:
    if value and info.data.get("attendee") is None:
        raise ValueError("is said together with the attendee, here or when the hold is confirmed")
    return value


class BookingBody(Body):
    """A time to hold; with an attendee it is held and confirmed in one call."""

    meeting_type_id: UUID
    start: Instant
    duration_minutes: int | None = Field(
        default=None, description="One of the meeting type's; the first if it is left out."
    )
    attendee: AttendeeBody | None = None
    answers: Annotated[Answers, AfterValidator(_needs_attendee)] = ()
    location_index: Annotated[Place, AfterValidator(_needs_attendee)] = 0


class ConfirmBody(Body):
    """Who the held time is for."""

    attendee: AttendeeBody
    answers: Answers = ()
    location_index: Place = 0


class MoveBody(Body):
    """The new time."""

    start: Instant
    reason: Reason = ""


class CancelBody(Body):
    """Why, for the other party."""

    reason: Reason = ""


class AnswerResponse(BaseModel):
    """An answer to one question of the meeting type."""

    question_id: str
    label: str | None = Field(description="The question as it was asked.")
    value: str | bool


class AttendeeResponse(BaseModel):
    """The person who books."""

    name: str
    email: str
    time_zone: str
    locale: str


class BookingResponse(Identified):
    """A booking; `attendee` and `answers` for its organizer and its manage token only."""

    status: Status
    release_reason: str | None
    decline_reason: str | None = Field(
        description="Why a request was not approved: declined, withdrawn, timeout, policy_disabled."
    )
    verdict: Literal["accepted", "rejected", "pending"]
    organizer_id: UUID
    meeting_type_id: UUID
    title: str
    start: datetime
    end: datetime
    location: LocationResponse
    join_url: str | None
    uid: str
    ics_sequence: int
    version: int
    hold_expires_at: datetime | None
    verify_by: datetime | None = Field(description="Until when the address has to be proven.")
    answer_by: datetime | None = Field(description="Until when the organizer may answer a request.")
    pending_move: "PendingMoveResponse | None"
    asked_to_reschedule: bool = Field(
        description="Whether the organizer waits for the attendee to choose another time."
    )
    link_id: UUID | None
    manage_token: str | None = Field(description="The attendee's; null for the organizer.")
    manage_url: str | None
    created_at: datetime
    attendee: AttendeeResponse | None
    answers: list[AnswerResponse]
    change_reason: str | None
    day_around: "list[NeighbourResponse] | None" = Field(
        description="The organizer's other bookings of that day; of a request that waits for "
        "their answer, for them only."
    )


class PendingMoveResponse(BaseModel):
    """A new time that is held while availability checks it, then until the organizer's answer."""

    start: datetime
    end: datetime
    expires_at: datetime
    awaits_approval: bool


class NeighbourResponse(Identified):
    """Another booking of the same day."""

    status: Status
    title: str
    start: datetime
    end: datetime


def attendee_of(
    body: AttendeeBody, answers: Sequence[AnswerBody], location_index: int = 0
) -> Attendee:
    """Return the person that the body names, with their answers and the place they chose."""
    said = [Answer(question_id=each.question_id, value=each.value) for each in answers]
    if body.phone is not None:
        said = [each for each in said if each.question_id != PHONE]
        said.append(Answer(question_id=PHONE, value=body.phone))
    return Attendee(
        name=body.name,
        email=body.email,
        time_zone=body.time_zone,
        locale=body.locale,
        answers=tuple(said),
        location_index=location_index,
    )


def booking_response(
    view: BookingView,
    tokens: Tokens,
    *,
    to: Party,
    day_around: Sequence[BookingView] | None = None,
) -> BookingResponse:
    """Return the booking as that party sees it.

    The organizer acts under their own sign-in, so that the log can tell who acted.
    """
    attendee, move, is_attendee = view.attendee, view.pending_move, to == "attendee"
    return BookingResponse(
        id=view.id,
        status=view.status,
        release_reason=view.release_reason,
        decline_reason=view.decline_reason,
        verdict=view.verdict,
        organizer_id=view.organizer_id,
        meeting_type_id=view.meeting_type_id,
        title=view.title,
        start=view.slot.start,
        end=view.slot.end,
        location=location_response(view.location),
        join_url=view.join_url,
        uid=booking.uid(view.id),
        ics_sequence=view.ics_sequence,
        version=view.version,
        hold_expires_at=view.hold_expires_at,
        verify_by=view.verify_by,
        answer_by=view.answer_by,
        pending_move=move and _pending_move(move),
        asked_to_reschedule=view.asked_to_move,
        link_id=view.link_id,
        manage_token=tokens.manage(view.id) if is_attendee else None,
        manage_url=tokens.manage_url(view.id) if is_attendee else None,
        created_at=view.created_at,
        attendee=attendee and _attendee(attendee),
        answers=[
            AnswerResponse(question_id=each.question_id, label=each.label, value=each.value)
            for each in (attendee.answers if attendee else ())
        ],
        change_reason=attendee.change_reason if attendee else None,
        day_around=None if day_around is None else [_neighbour(each) for each in day_around],
    )


def _pending_move(move: booking.PendingMove) -> PendingMoveResponse:
    return PendingMoveResponse(
        start=move.slot.start,
        end=move.slot.end,
        expires_at=move.expires_at,
        awaits_approval=move.awaits_approval,
    )


def _attendee(attendee: AttendeeRecord) -> AttendeeResponse:
    return AttendeeResponse(
        name=attendee.name,
        email=attendee.email,
        time_zone=attendee.time_zone,
        locale=attendee.locale,
    )


def _neighbour(view: BookingView) -> NeighbourResponse:
    return NeighbourResponse(
        id=view.id,
        status=view.status,
        title=view.title,
        start=view.slot.start,
        end=view.slot.end,
    )
