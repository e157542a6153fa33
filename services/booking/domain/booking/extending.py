"""Extending a hold, once: whoever fills the form in needs more time."""

from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking.holding import refuse_if_over
from services.booking.domain.booking.states import Held, State
from services.booking.domain.refusals import StateConflict
from services.booking.domain.slot import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHold:
    """Hold the time until a later deadline."""

    expires_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExtended:
    """The time is held until a later deadline."""

    slot: Slot
    expires_at: datetime


def extend(held: Held, command: ExtendHold) -> HoldExtended:
    """Move the deadline, never past the meeting's beginning; raise HoldOver, StateConflict."""
    refuse_if_over(held, command.at)
    if held.extended:
        raise StateConflict("The time was extended once already. Finish, or choose a time again.")
    expires_at = min(command.expires_at, held.slot.start)
    if expires_at <= held.expires_at:
        raise StateConflict("The time cannot be held any longer.")
    return HoldExtended(slot=held.slot, expires_at=expires_at)


def may_extend(state: State) -> bool:
    """Tell whether the hold can be extended, as long as its deadline has not passed."""
    return isinstance(state, Held) and not state.extended and state.expires_at < state.slot.start
