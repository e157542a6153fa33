"""Proving the attendee's address: the first who does has the time, the others hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking.holding import SlotReserved
from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.states import LapseReason, Unverified
from services.booking.domain.refusals import HoldOver, NotAvailable
from services.booking.domain.slot import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAddress:
    """The mailed link was opened and confirmed; the time is held until it is checked again."""

    expires_at: datetime
    may_be_booked: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseBooking:
    """End the booking of an address that is not proven."""

    reason: LapseReason
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressVerified:
    """The attendee has proven that the address is theirs."""

    meeting: Meeting
    slot: Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLapsed:
    """The booking has ended before its address was proven."""

    meeting: Meeting
    slot: Slot
    reason: LapseReason


def verify(
    unverified: Unverified, command: VerifyAddress
) -> Sequence[AddressVerified | SlotReserved]:
    """Hold the time for the attendee; raise HoldOver or NotAvailable."""
    if command.at >= unverified.expires_at:
        raise HoldOver
    if not command.may_be_booked:
        raise NotAvailable
    meeting, slot = unverified.meeting, unverified.slot
    return [
        AddressVerified(meeting=meeting, slot=slot),
        SlotReserved(
            organizer_id=meeting.organizer_id,
            meeting_type_id=meeting.meeting_type_id,
            link_id=meeting.link_id,
            slot=slot,
            expires_at=min(command.expires_at, slot.start),
            purpose="new",
            by="attendee",
            asked_at=unverified.asked_at,
        ),
    ]


def lapse(unverified: Unverified, command: LapseBooking) -> Sequence[BookingLapsed]:
    """End the booking; at its deadline not before that."""
    if command.reason == "timeout" and command.at < unverified.expires_at:
        return []
    return [BookingLapsed(meeting=unverified.meeting, slot=unverified.slot, reason=command.reason)]
