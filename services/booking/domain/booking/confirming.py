"""Confirming a held time: the deadline, the page and availability's verdict decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.booking.holding import refuse_if_over
from services.booking.domain.booking.meeting import Meeting, Terms
from services.booking.domain.booking.states import Held
from services.booking.domain.refusals import NotAvailable, SlotNotOffered, VerdictPending
from services.booking.domain.slot import Slot

Verdict = Literal["accepted", "rejected", "pending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBooking:
    """`may_be_booked` is whether the organizer may be booked right now, read with the booking."""

    attendee_id: UUID
    terms: Terms
    verdict: Verdict
    reasons: tuple[str, ...]
    may_be_booked: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingConfirmed:
    """The meeting takes place."""

    meeting: Meeting
    slot: Slot
    ics_sequence: int


def confirm(held: Held, command: ConfirmBooking) -> BookingConfirmed:
    """Make the hold a meeting; raise HoldOver, NotAvailable, VerdictPending or SlotNotOffered."""
    refuse_if_over(held, command.at)
    if not command.may_be_booked:
        raise NotAvailable
    match command.verdict:
        case "pending":
            raise VerdictPending
        case "rejected":
            raise SlotNotOffered(command.reasons)
        case "accepted":
            meeting = Meeting(
                organizer_id=held.organizer_id,
                meeting_type_id=held.meeting_type_id,
                link_id=held.link_id,
                attendee_id=command.attendee_id,
                terms=command.terms,
            )
            return BookingConfirmed(meeting=meeting, slot=held.slot, ics_sequence=0)
