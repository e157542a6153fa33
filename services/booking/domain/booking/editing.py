"""Editing the details of a booking without moving it: the attendee's name and answers.

What they are is personal data, which is in the attendee's record only; the event says that they
changed, and who did it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.booking.domain.booking.approving import refuse_if_over
from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.states import Confirmed, Requested
from services.booking.domain.refusals import StateConflict
from services.booking.domain.slot import Party, Slot

Detail = Literal["name", "phone", "answers"]
# What both calendars show, or what the organizer calls: a change that is significant.
SIGNIFICANT: frozenset[Detail] = frozenset({"name", "phone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetails:
    """Change these of the attendee's details."""

    changed: tuple[Detail, ...]
    by: Party
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDetailsChanged:
    """Details of the attendee are others; the time is as it was."""

    meeting: Meeting
    slot: Slot
    changed: tuple[Detail, ...]
    by: Party
    ics_sequence: int
    confirmed: bool


def change_details(
    booked: Confirmed | Requested, command: ChangeDetails
) -> Sequence[BookingDetailsChanged]:
    """Note the change; raise StateConflict once the meeting has begun, or the request is over."""
    if not command.changed:
        return []
    sequence = 0
    if isinstance(booked, Requested):
        refuse_if_over(booked, command.at)
    else:
        if command.at >= booked.slot.start:
            raise StateConflict("This meeting has begun; its details stay as they are.")
        sequence = booked.ics_sequence + bool(SIGNIFICANT & set(command.changed))
    return [
        BookingDetailsChanged(
            meeting=booked.meeting,
            slot=booked.slot,
            changed=command.changed,
            by=command.by,
            ics_sequence=sequence,
            confirmed=isinstance(booked, Confirmed),
        )
    ]
