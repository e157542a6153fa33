"""The states of a booking: nothing yet, held, unverified, requested, confirmed, and how it ends."""

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
    SlotTaken,
    StateConflict,
)
from services.booking.domain.slot import Canceller, Party, Slot

ReleaseReason = Literal["timeout", "released", "rejected", "policy_disabled"]
# Why a booking whose address was not proven has ended.
LapseReason = Literal["timeout", "taken", "withdrawn", "policy_disabled"]
# Why a request, or the move of a booking that needs approval, was not approved.
DeclineReason = Literal["declined", "withdrawn", "timeout", "policy_disabled"]
Status = Literal[
    "held", "unverified", "requested", "confirmed", "declined", "cancelled", "released"
]


@dataclass(frozen=True, slots=True)
class Vacant:
    """No booking has this id yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A time is held until its deadline, while the attendee's data is entered.

    `verified` is the meeting of an attendee who has proven their address already.
    """

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    slot: Slot
    expires_at: datetime
    verified: Meeting | None = None
    # The meeting type's revision when the time was held; None in holds of before it was noted.
    revision: int | None = None
    extended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """The attendee has to prove their address first; until then the time is not held for them."""

    meeting: Meeting
    slot: Slot
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMove:
    """The new time of a booking, held while availability checks it, then the organizer."""

    slot: Slot
    expires_at: datetime
    by: Party
    awaits_approval: bool = False


@dataclass(frozen=True, slots=True)
class RefusedMove:
    """The last new time that was held for the booking and given up, and why."""

    slot: Slot
    reason: ReleaseReason | DeclineReason


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who moved the meeting last, and from which slot; or who cancelled it."""

    by: Canceller
    old: Slot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """The time is held until the organizer has approved or declined, at most until its deadline."""

    meeting: Meeting
    slot: Slot
    expires_at: datetime
    move: PendingMove | None = None
    refused_move: RefusedMove | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The meeting takes place at its slot; `move` is a change that is not made yet.

    `asked_to_move` is whether the organizer waits for the attendee to choose another time.
    """

    meeting: Meeting
    slot: Slot
    ics_sequence: int
    move: PendingMove | None = None
    refused_move: RefusedMove | None = None
    changed: LastChange | None = None
    asked_to_move: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The request has ended without a meeting; `by` is None where its deadline ended it."""

    meeting: Meeting
    slot: Slot
    reason: DeclineReason
    by: Canceller | None


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
    reason: ReleaseReason | LapseReason


State = Vacant | Held | Unverified | Requested | Confirmed | Declined | Cancelled | Released


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
        case Confirmed(move=PendingMove(slot=slot)) | Requested(move=PendingMove(slot=slot)):
            return slot
        case _:
            return slot_of(state)


def status(state: State, at: datetime) -> Status:
    """Return the booking's status; one past its deadline is over before its timer fires."""
    match state:
        case Vacant():
            raise NotFound("booking")
        case Held(expires_at=expires_at):
            return "held" if at < expires_at else "released"
        case Unverified(expires_at=expires_at):
            return "unverified" if at < expires_at else "released"
        case Requested(expires_at=expires_at):
            return "requested" if at < expires_at else "declined"
        case Confirmed():
            return "confirmed"
        case Declined(reason=reason):
            return "cancelled" if reason == "withdrawn" else "declined"
        case Cancelled():
            return "cancelled"
        case Released():
            return "released"


def ics_sequence(state: State) -> int:
    """Return the version of the calendar entry; before there is one, that of the first."""
    return state.ics_sequence if isinstance(state, Confirmed | Cancelled) else 0


def release_reason(state: State, at: datetime) -> ReleaseReason | LapseReason | None:
    """Return why the time is not held any more; past its deadline it is `timeout` at once."""
    match state:
        case Released(reason=reason):
            return reason
        case Held(expires_at=expires_at) | Unverified(expires_at=expires_at) if at >= expires_at:
            return "timeout"
        case _:
            return None


def decline_reason(state: State, at: datetime) -> DeclineReason | None:
    """Return why the request was not approved; past its deadline it is `timeout` at once."""
    match state:
        case Declined(reason=reason):
            return reason
        case Requested(expires_at=expires_at) if at >= expires_at:
            return "timeout"
        case _:
            return None


def pending_move(state: State, at: datetime) -> PendingMove | None:
    """Return the pending move; one past its deadline is over before its timer fires."""
    match state:
        case Confirmed(move=move) | Requested(move=move) if move and at < move.expires_at:
            return move
        case _:
            return None


def refusal_of(
    reason: ReleaseReason | LapseReason | DeclineReason, rejected_for: tuple[str, ...] = ()
) -> Refusal:
    """Return the refusal for the holder of a time that was released for this reason.

    `rejected_for` names the rules by which availability rejected it.
    """
    match reason:
        case "policy_disabled":
            return NotAvailable()
        case "rejected":
            return SlotNotOffered(rejected_for)
        case "taken":
            return SlotTaken()
        case "declined":
            return StateConflict("The organizer has declined the new time; the old one stands.")
        case "timeout" | "released" | "withdrawn":
            return HoldOver()
