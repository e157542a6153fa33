"""Asking the attendee to choose another time: the meeting is kept until they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.states import Confirmed
from services.booking.domain.refusals import StateConflict
from services.booking.domain.slot import Party, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToReschedule:
    """Ask for another time; the attendee may then move the meeting up to its beginning."""

    by: Party
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleRequested:
    """The organizer asks the attendee to choose another time."""

    meeting: Meeting
    slot: Slot
    by: Party
    ics_sequence: int


def ask_to_move(booked: Confirmed, command: AskToReschedule) -> Sequence[RescheduleRequested]:
    """Ask once, until the meeting is moved; raise StateConflict when it has begun."""
    if command.at >= booked.slot.start:
        raise StateConflict("This meeting has begun; it cannot be moved any more.")
    if booked.asked_to_move:
        return []
    return [
        RescheduleRequested(
            meeting=booked.meeting,
            slot=booked.slot,
            by=command.by,
            ics_sequence=booked.ics_sequence,
        )
    ]
