"""The states of a booking: nothing yet, held, confirmed, cancelled, released."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    NotFound,
    Refusal,
    SlotNotOffered,
)
from services.booking.domain.slot import Canceller, Party, Slot

ReleaseReason = Literal["timeout", "released", "rejected", "policy_disabled"]
Status = Literal["held", "confirmed", "cancelled", "released"]


@dataclass(frozen=True, slots=True)
class Vacant:
    """No booking has this id yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A time is held until its deadline, while the attendee's data is entered."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    # The meeting type's revision when the time was held; None in holds of before it was noted.
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMove:
    """The new time of a confirmed booking, held while availability checks it."""

    slot: Slot
    expires_at: datetime
    by: Party


@dataclass(frozen=True, slots=True)
class RefusedMove:
    """The last new time that was held for the booking and given up, and why."""

    slot: Slot
    reason: ReleaseReason


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who moved the meeting last, and from which slot; or who cancelled it."""

    by: Canceller
    old: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The meeting takes place at its slot; `move` is a change that is not made yet."""

    meeting: Meeting
    slot: Slot
    ics_sequence: int
    move: PendingMove | None = None
    refused_move: RefusedMove | None = None
    changed: LastChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The meeting does not take place; `slot` is when it would have."""

    meeting: Meeting
    slot: Slot
    ics_sequence: int
    changed: LastChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The hold was given up before it was confirmed."""

    organizer_id: UUID
    slot: Slot
    reason: ReleaseReason


State = Vacant | Held | Confirmed | Cancelled | Released


def slot_of(state: State) -> Slot:
    """Return the time that the booking takes, or took."""
    match state:
        case Vacant():
            raise NotFound("booking")
        case _:
            return state.slot


def wanted_slot(state: State) -> Slot:
    """Return the time that was asked for last: a pending move's new one, or the booking's."""
    match state:
        case Confirmed(move=PendingMove(slot=slot)):
            return slot
        case _:
            return slot_of(state)


def status(state: State, at: datetime) -> Status:
    """Return the booking's status; a hold past its deadline is `released` at once."""
    match state:
        case Vacant():
            raise NotFound("booking")
        case Held(expires_at=expires_at):
            return "held" if at < expires_at else "released"
        case Confirmed():
            return "confirmed"
        case Cancelled():
            return "cancelled"
        case Released():
            return "released"


def release_reason(state: State, at: datetime) -> ReleaseReason | None:
    """Return why the time is not held any more; past its deadline it is `timeout` at once."""
    match state:
        case Released(reason=reason):
            return reason
        case Held(expires_at=expires_at) if at >= expires_at:
            return "timeout"
        case _:
            return None


def pending_move(state: State, at: datetime) -> PendingMove | None:
    """Return the pending move; one past its deadline is over before its timer fires."""
    match state:
        case Confirmed(move=PendingMove() as move) if at < move.expires_at:
            return move
        case _:
            return None


def refusal_of(reason: ReleaseReason, rejected_for: tuple[str, ...] = ()) -> Refusal:
    """Return the refusal for the holder of a time that was released for this reason.

    `rejected_for` names the rules by which availability rejected it.
    """
    match reason:
        case "policy_disabled":
            return NotAvailable()
        case "rejected":
            return SlotNotOffered(rejected_for)
        case "timeout" | "released":
            return HoldOver()
