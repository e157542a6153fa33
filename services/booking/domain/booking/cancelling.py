"""Cancelling a confirmed booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.moving import GivenUp, give_up_move
from services.booking.domain.booking.states import Confirmed
from services.booking.domain.slot import Canceller, Notice, Slot, refuse_if_too_late


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBooking:
    """Call the meeting off."""

    by: Canceller
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCancelled:
    """The meeting does not take place."""

    meeting: Meeting
    slot: Slot
    by: Canceller
    ics_sequence: int


def cancel(booked: Confirmed, command: CancelBooking) -> Sequence[GivenUp | BookingCancelled]:
    """Call the meeting off, and a move of it that is under way; raise ChangeTooLate."""
    refuse_if_too_late(booked.slot, command.by, command.notice, command.at)
    return [
        *give_up_move(booked, "released"),
        BookingCancelled(
            meeting=booked.meeting,
            slot=booked.slot,
            by=command.by,
            ics_sequence=booked.ics_sequence + 1,
        ),
    ]
