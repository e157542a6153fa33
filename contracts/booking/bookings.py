"""Bookings: from the reserved slot to the cancelled meeting."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.values import Id, Instant, Location, OrganizerContact, Party, Period, Purpose

Changer = Literal["attendee", "organizer", "administrator", "calendar"]
DeclineReason = Annotated[
    Literal["declined", "withdrawn", "timeout", "policy_disabled"],
    Field(description="`withdrawn`: by its attendee."),
]


class OfBooking(OfOrganizer):
    """An event about a booking."""

    SUBJECT: ClassVar[str] = "booking_id"

    booking_id: Id


class SlotReserved(OfBooking):
    """A slot is held until a deadline; availability answers with SlotAccepted or SlotRejected."""

    TYPE = "io.bookwith.booking.SlotReserved.v1"

    meeting_type_id: Id
    start: Instant
    end: Instant
    expires_at: Instant
    purpose: Purpose
    link_id: Id | None = None
    by: Party
    asked_at: Instant | None = Field(
        default=None,
        description="When the time was asked for, where that is not now: the attendee had to "
        "prove their address before it is held again.",
    )


class HoldExtended(OfBooking):
    """The deadline of a held slot is later now; this happens once at most."""

    TYPE = "io.bookwith.booking.HoldExtended.v1"

    start: Instant
    end: Instant
    expires_at: Instant


class SlotReleased(OfBooking):
    """A held slot is free again. One held for a move leaves its booking as it was."""

    TYPE = "io.bookwith.booking.SlotReleased.v1"

    start: Instant
    end: Instant
    reason: Literal["timeout", "released", "rejected", "policy_disabled"]
    purpose: Purpose


class WholeBooking(OfBooking):
    """A booking as it is after the event, so that a subscriber needs no call back."""

    organizer: OrganizerContact
    meeting_type_id: Id
    title: str
    attendee_id: Id
    start: Instant
    end: Instant
    location: Location
    join_url: str | None = None
    uid: str = Field(description="The iCalendar UID, one for the booking's whole life.")
    ics_sequence: int = Field(description="The iCalendar SEQUENCE: 0 when confirmed.")
    link_id: Id | None = None
    approved_by: Id | None = None
    attendee_recorded: bool = Field(
        default=False,
        description="An AttendeeRecorded with this `ics_sequence` was published with the event.",
    )
    colour: str | None = Field(
        default=None, description="That of the meeting type when it was agreed, such as #1a73e8."
    )
    version: int = Field(
        default=0, description="The version of the booking with the event; 0 in earlier ones."
    )


class VerificationRequested(WholeBooking):
    """The attendee has to prove their address before the booking counts; the time is free."""

    TYPE = "io.bookwith.booking.VerificationRequested.v1"

    expires_at: Instant


class AddressVerified(WholeBooking):
    """The attendee has proven their address; the time is held again with the next event."""

    TYPE = "io.bookwith.booking.AddressVerified.v1"


class BookingLapsed(WholeBooking):
    """The booking has ended before its address was proven."""

    TYPE = "io.bookwith.booking.BookingLapsed.v1"

    reason: Annotated[
        Literal["timeout", "taken", "withdrawn", "policy_disabled"],
        Field(description="`taken`: somebody else was the first to prove theirs."),
    ]


class BookingRequested(WholeBooking):
    """The attendee asks for the meeting; the time is held until the answer, or the deadline."""

    TYPE = "io.bookwith.booking.BookingRequested.v1"

    expires_at: Instant


class RequestRescheduled(WholeBooking):
    """A request that waits for its answer is for another time, which `start` and `end` name."""

    TYPE = "io.bookwith.booking.RequestRescheduled.v1"

    from_: Period = Field(alias="from")
    to: Period
    by: Party
    expires_at: Instant


class BookingDeclined(WholeBooking):
    """The request has ended without a meeting; `start` and `end` are free again."""

    TYPE = "io.bookwith.booking.BookingDeclined.v1"

    by: Changer | None = Field(description="Null where the deadline ended it.")
    reason: DeclineReason


class BookingConfirmed(WholeBooking):
    """The meeting takes place."""

    TYPE = "io.bookwith.booking.BookingConfirmed.v1"

    by: Party | None = Field(
        default=None, description="Who booked: the organizer may book for an attendee."
    )


class RescheduleApprovalRequested(WholeBooking):
    """The attendee's new time awaits the organizer's approval; `start` and `end` still stand."""

    TYPE = "io.bookwith.booking.RescheduleApprovalRequested.v1"

    wanted: Period
    by: Party
    expires_at: Instant


class RescheduleDeclined(WholeBooking):
    """The attendee's new time was not approved and is free again; the meeting stays as it was."""

    TYPE = "io.bookwith.booking.RescheduleDeclined.v1"

    wanted: Period
    by: Changer | None = Field(description="Null where the deadline ended it.")
    reason: DeclineReason


class RescheduleRequested(WholeBooking):
    """The organizer asks the attendee to choose another time; the meeting is kept until then."""

    TYPE = "io.bookwith.booking.RescheduleRequested.v1"

    by: Party


class BookingDetailsChanged(WholeBooking):
    """Details of the attendee are others, as their record has them; the time is as it was."""

    TYPE = "io.bookwith.booking.BookingDetailsChanged.v1"

    by: Party
    changed: tuple[Literal["name", "phone", "answers"], ...]
    confirmed: bool = Field(description="Whether the booking is confirmed, or only requested.")


class BookingRescheduled(WholeBooking):
    """The meeting has moved, which also frees the old time; `start` and `end` are the new one."""

    TYPE = "io.bookwith.booking.BookingRescheduled.v1"

    from_: Period = Field(alias="from")
    to: Period
    by: Party


class BookingCancelled(WholeBooking):
    """The meeting does not take place; `start` and `end` are free again."""

    TYPE = "io.bookwith.booking.BookingCancelled.v1"

    by: Changer
