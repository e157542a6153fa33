"""The shapes of a booking, field by field as outsiders rely on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.bookings.views import BookingView
from services.booking.domain import booking
from services.booking.domain.attendee import Answer, Attendee
from services.booking.schemas import (
    Body,
    Instant,
    Line,
    LocationResponse,
    ZoneName,
    location_response,
)
from services.booking.tokens import Tokens
from services.chassis.http.listing import Identified

# `requested` and `declined` are reserved for approval: nothing makes them yet.
Status = Literal["held", "requested", "confirmed", "declined", "cancelled", "released"]


class AnswerBody(Body):
    """An answer to one question of the meeting type."""

    question_id: Line
    value: Annotated[str, Field(max_length=4000)] | bool


class AttendeeBody(Body):
    """The person who books."""

    name: Annotated[str, Field(max_length=200)]
    email: Annotated[str, Field(max_length=254)]
    time_zone: ZoneName | None = Field(default=None, description="The organizer's if left out.")
    locale: Annotated[str, Field(max_length=35)] = "en"


class BookingBody(Body):
    """A time to hold; with an attendee it is held and confirmed in one call."""

    meeting_type_id: UUID
    start: Instant
    attendee: AttendeeBody | None = None
    answers: tuple[AnswerBody, ...] = ()


class ConfirmBody(Body):
    """Who the held time is for."""

    attendee: AttendeeBody
    answers: tuple[AnswerBody, ...] = ()


class MoveBody(Body):
    """The new time."""

    start: Instant
    reason: Annotated[str, Field(max_length=1000)] = ""


class CancelBody(Body):
    """Why, for the other party."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class BookingResponse(Identified):
    """A booking; `attendee` and `answers` for its organizer and its manage token only."""

    status: Status
    release_reason: str | None
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
    pending_move: "PendingMoveResponse | None"
    link_id: UUID | None
    manage_token: str | None
    manage_url: str | None
    created_at: datetime
    attendee: AttendeeBody | None
    answers: list[AnswerBody]
    change_reason: str | None


class PendingMoveResponse(BaseModel):
    """A new time that is held while availability checks it."""

    start: datetime
    end: datetime
    expires_at: datetime


def attendee_of(body: AttendeeBody, answers: Sequence[AnswerBody]) -> Attendee:
    """Return the person that the body names, blanks around what they typed taken away."""
    return Attendee(
        name=body.name.strip(),
        email=body.email.strip(),
        time_zone=body.time_zone,
        locale=body.locale,
        answers=tuple(Answer(question_id=each.question_id, value=each.value) for each in answers),
    )


def booking_response(view: BookingView, tokens: Tokens) -> BookingResponse:
    """Return the booking as its organizer and the holder of its manage token see it."""
    attendee, move = view.attendee, view.pending_move
    return BookingResponse(
        id=view.id,
        status=view.status,
        release_reason=view.release_reason,
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
        pending_move=move
        and PendingMoveResponse(
            start=move.slot.start, end=move.slot.end, expires_at=move.expires_at
        ),
        link_id=view.link_id,
        manage_token=tokens.manage(view.id),
        manage_url=tokens.manage_url(view.id),
        created_at=view.created_at,
        attendee=attendee
        and AttendeeBody(
            name=attendee.name,
            email=attendee.email,
            time_zone=attendee.time_zone,
            locale=attendee.locale,
        ),
        answers=[
            AnswerBody(question_id=each.question_id, value=each.value)
            for each in (attendee.answers if attendee else ())
        ],
        change_reason=attendee.change_reason if attendee else None,
    )
