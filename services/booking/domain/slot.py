"""A slot, and how long ahead of it somebody may still act."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.booking.domain.refusals import ChangeTooLate

Party = Literal["attendee", "organizer"]
# Who may cancel: besides the parties those who act for the organization.
Canceller = Literal[Party, "administrator", "calendar"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A meeting's time, from its start up to, but not including, its end."""

    start: datetime
    end: datetime

    def starting_at(self, start: datetime) -> "Slot":
        """Return a slot of the same length from another start."""
        return Slot(start, start + (self.end - self.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What binds an attendee, in real minutes; the organizer is bound by none of it."""

    min_lead_minutes: int
    max_lead_minutes: int
    cutoff_minutes: int


def reasons_against(slot: Slot, by: Party, at: datetime, notice: Notice) -> tuple[str, ...]:
    """Return the names of the rules by which the slot cannot be asked for at that moment."""
    if slot.start <= at:
        return ("in_the_past",)
    if by == "organizer":
        return ()
    if slot.start < at + timedelta(minutes=notice.min_lead_minutes):
        return ("minimum_lead",)
    if slot.start >= at + timedelta(minutes=notice.max_lead_minutes):
        return ("horizon",)
    return ()


def refuse_if_too_late(slot: Slot, by: Canceller, notice: Notice, at: datetime) -> None:
    """Raise ChangeTooLate if an attendee may not move or cancel the meeting any more."""
    if by == "attendee" and is_too_late(slot, notice, at):
        raise ChangeTooLate(last_change(slot, notice))


def is_too_late(slot: Slot, notice: Notice, at: datetime) -> bool:
    """Tell whether an attendee may not change the meeting any more.

    The meeting's beginning binds too, where the cut-off is zero.
    """
    return at > last_change(slot, notice) or at >= slot.start


def last_change(slot: Slot, notice: Notice) -> datetime:
    """Return the last moment at which an attendee may move or cancel a meeting at that time."""
    return slot.start - timedelta(minutes=notice.cutoff_minutes)
