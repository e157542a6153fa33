"""What is said about a booking: its commands, its events, its states."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.location import Location
from services.booking.domain.slot import Notice, Party, Slot

Verdict = Literal["accepted", "rejected", "pending"]
Canceller = Literal["attendee", "organizer", "administrator", "calendar"]
Purpose = Literal["new", "reschedule"]
ReleaseReason = Literal["timeout", "released", "rejected", "policy_disabled"]


@dataclass(frozen=True, slots=True)
class Contact:
    display_name: str
    email: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed apart from the time, as it stood when the booking was confirmed."""

    organizer: Contact
    title: str
    location: Location
    join_url: str | None


@dataclass(frozen=True, slots=True)
class Meeting:
    """All that a confirmed booking is, except its time."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    attendee_id: UUID
    terms: Terms


@dataclass(frozen=True, slots=True)
class ReserveSlot:
    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    by: Party
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmBooking:
    """`page_open` is whether the organizer may be booked right now, read with the booking."""

    attendee_id: UUID
    terms: Terms
    verdict: Verdict
    reasons: tuple[str, ...]
    page_open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """With a slot only the hold on that one is meant: a late answer releases no newer hold."""

    reason: ReleaseReason
    at: datetime
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class RequestReschedule:
    slot: Slot
    expires_at: datetime
    by: Party
    notice: Notice
    page_open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CompleteReschedule:
    slot: Slot
    page_open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelBooking:
    by: Canceller
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class SlotReserved:
    """A reschedule takes no use of a link, so its `link_id` is None."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    purpose: Purpose
    by: Party


@dataclass(frozen=True, slots=True)
class SlotReleased:
    organizer_id: UUID
    slot: Slot
    reason: ReleaseReason
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class BookingConfirmed:
    meeting: Meeting
    slot: Slot
    ics_sequence: int


@dataclass(frozen=True, slots=True)
class BookingRescheduled:
    meeting: Meeting
    old: Slot
    new: Slot
    by: Party
    ics_sequence: int


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    meeting: Meeting
    slot: Slot
    by: Canceller
    ics_sequence: int


@dataclass(frozen=True, slots=True)
class Vacant:
    pass


@dataclass(frozen=True, slots=True)
class Held:
    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PendingMove:
    slot: Slot
    expires_at: datetime
    by: Party


@dataclass(frozen=True, slots=True)
class Confirmed:
    meeting: Meeting
    slot: Slot
    ics_sequence: int
    move: PendingMove | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    meeting: Meeting
    slot: Slot
    ics_sequence: int


@dataclass(frozen=True, slots=True)
class Released:
    organizer_id: UUID
    slot: Slot
    reason: ReleaseReason


Command = (
    ReserveSlot
    | ConfirmBooking
    | ReleaseHold
    | RequestReschedule
    | CompleteReschedule
    | CancelBooking
)
Event = SlotReserved | SlotReleased | BookingConfirmed | BookingRescheduled | BookingCancelled
State = Vacant | Held | Confirmed | Cancelled | Released
