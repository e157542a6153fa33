"""Confirming a held time: the deadline, the page and availability's verdict decide.

Where the meeting type asks for it, the attendee's address has to be proven first, and the organizer
has to approve; then confirming only requests the meeting.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.booking.holding import refuse_if_over
from services.booking.domain.booking.meeting import Meeting, Terms
from services.booking.domain.booking.states import Held
from services.booking.domain.refusals import NotAvailable, SlotNotOffered, VerdictPending
from services.booking.domain.slot import Party, Slot

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
    by: Party = "attendee"
    # Until when the address has to be proven, and the organizer to answer; None where neither is
    # asked for.
    prove_by: datetime | None = None
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingConfirmed:
    """The meeting takes place."""

    meeting: Meeting
    slot: Slot
    ics_sequence: int
    by: Party = "attendee"
    approved_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequested:
    """The attendee asks for the meeting; the time is held until the organizer's answer."""

    meeting: Meeting
    slot: Slot
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequested:
    """The attendee has to prove their address; meanwhile the time is free for others."""

    meeting: Meeting
    slot: Slot
    asked_at: datetime
    expires_at: datetime


def confirm(
    held: Held, command: ConfirmBooking
) -> BookingConfirmed | BookingRequested | VerificationRequested:
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
            return _confirmed(held, command)


def _confirmed(
    held: Held, command: ConfirmBooking
) -> BookingConfirmed | BookingRequested | VerificationRequested:
    slot = held.slot
    meeting = held.verified or Meeting(
        organizer_id=held.organizer_id,
        meeting_type_id=held.meeting_type_id,
        link_id=held.link_id,
        attendee_id=command.attendee_id,
        terms=command.terms,
    )
    if command.by == "attendee" and command.prove_by and held.verified is None:
        deadline = min(command.prove_by, slot.start)
        return VerificationRequested(
            meeting=meeting, slot=slot, asked_at=command.at, expires_at=deadline
        )
    if command.by == "attendee" and command.answer_by:
        deadline = min(command.answer_by, slot.start)
        return BookingRequested(meeting=meeting, slot=slot, expires_at=deadline)
    return BookingConfirmed(meeting=meeting, slot=slot, ics_sequence=0, by=command.by)
