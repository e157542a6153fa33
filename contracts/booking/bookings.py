"""Bookings: from the reserved slot to the cancelled meeting."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.values import Id, Instant, Location, OrganizerContact, Party, Period, Purpose


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


class BookingConfirmed(WholeBooking):
    """The meeting takes place."""

    TYPE = "io.bookwith.booking.BookingConfirmed.v1"


class BookingRescheduled(WholeBooking):
    """The meeting has moved, which also frees the old time; `start` and `end` are the new one."""

    TYPE = "io.bookwith.booking.BookingRescheduled.v1"

    from_: Period = Field(alias="from")
    to: Period
    by: Party


class BookingCancelled(WholeBooking):
    """The meeting does not take place; `start` and `end` are free again."""

    TYPE = "io.bookwith.booking.BookingCancelled.v1"

    by: Literal["attendee", "organizer", "administrator", "calendar"]
