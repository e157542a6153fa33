"""Which command is possible in which state, and which state follows from an event."""

from collections.abc import Sequence
from typing import assert_never

from services.booking.domain.booking import (
    approving,
    asking,
    cancelling,
    confirming,
    editing,
    extending,
    holding,
    moving,
    verifying,
)
from services.booking.domain.booking.approving import (
    ApproveBooking,
    DeclineBooking,
)
from services.booking.domain.booking.asking import AskToReschedule
from services.booking.domain.booking.cancelling import CancelBooking
from services.booking.domain.booking.confirming import (
    ConfirmBooking,
)
from services.booking.domain.booking.editing import ChangeDetails
from services.booking.domain.booking.evolving import Event, evolve
from services.booking.domain.booking.extending import ExtendHold
from services.booking.domain.booking.holding import (
    ReleaseHold,
    ReserveSlot,
)
from services.booking.domain.booking.moving import (
    CompleteReschedule,
    RequestReschedule,
)
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    Declined,
    DeclineReason,
    Held,
    Released,
    Requested,
    State,
    Unverified,
    Vacant,
    refusal_of,
)
from services.booking.domain.booking.verifying import LapseBooking, VerifyAddress
from services.booking.domain.refusals import NotFound, StateConflict
from services.chassis.events.decider import Decider

Command = (
    ReserveSlot
    | ConfirmBooking
    | VerifyAddress
    | LapseBooking
    | ReleaseHold
    | ExtendHold
    | ApproveBooking
    | DeclineBooking
    | RequestReschedule
    | CompleteReschedule
    | AskToReschedule
    | ChangeDetails
    | CancelBooking
)


def decide(state: State, command: Command) -> Sequence[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match state:
        case Vacant():
            if isinstance(command, ReserveSlot):
                return [holding.reserve(command)]
            raise NotFound("booking")
        case Held():
            return _of_hold(state, command)
        case Unverified():
            return _of_unverified(state, command)
        case Requested():
            return _of_request(state, command)
        case Confirmed():
            return _of_confirmed(state, command)
        case Declined() | Cancelled() | Released():
            return _of_ended(state, command)
        case _:
            assert_never(state)


def _of_hold(held: Held, command: Command) -> Sequence[Event]:
    match command:
        case ReserveSlot(slot=slot, at=at) if slot == held.slot:
            holding.refuse_if_over(held, at)
            return []
        case ConfirmBooking():
            return [confirming.confirm(held, command)]
        case ReleaseHold():
            return holding.release(held, command)
        case ExtendHold():
            return [extending.extend(held, command)]
        case VerifyAddress() if held.verified:
            return []  # opened twice: the time is being checked
        case LapseBooking() | CompleteReschedule():
            return []
        case _:
            raise StateConflict(_CONFLICTS[Held])


def _of_unverified(unverified: Unverified, command: Command) -> Sequence[Event]:
    match command:
        case VerifyAddress():
            return verifying.verify(unverified, command)
        case LapseBooking():
            return verifying.lapse(unverified, command)
        case ReleaseHold(reason="rejected") | ConfirmBooking() | CompleteReschedule():
            return []
        case ReleaseHold(reason=("timeout" | "policy_disabled") as reason, at=at):
            return verifying.lapse(unverified, LapseBooking(reason=reason, at=at))
        case ReleaseHold(at=at) | CancelBooking(at=at):
            return verifying.lapse(unverified, LapseBooking(reason="withdrawn", at=at))
        case _:
            raise StateConflict(_CONFLICTS[Unverified])


def _of_request(requested: Requested, command: Command) -> Sequence[Event]:
    match command:
        case ConfirmBooking() | VerifyAddress() | LapseBooking():
            return []
        case ApproveBooking():
            return approving.approve(requested, command)
        case DeclineBooking():
            return approving.decline(requested, command)
        case CancelBooking():
            return approving.withdraw(requested, command)
        case ReleaseHold(reason="released") if requested.move is None:
            raise StateConflict(_CONFLICTS[Requested])
        case ReleaseHold():
            return approving.release_request(requested, command)
        case RequestReschedule():
            approving.refuse_if_over(requested, command.at)
            return moving.request_move(requested, command)
        case CompleteReschedule():
            return moving.complete_move(requested, command)
        case ChangeDetails():
            return editing.change_details(requested, command)
        case _:
            raise StateConflict(_CONFLICTS[Requested])


def _of_confirmed(booked: Confirmed, command: Command) -> Sequence[Event]:  # noqa: C901 -- a row, a branch
    match command:
        case ConfirmBooking() | VerifyAddress() | LapseBooking():
            return []
        case ApproveBooking():
            return approving.approve_move(booked, command)
        case DeclineBooking():
            return approving.refuse_move(booked, command)
        case ReleaseHold(reason="released") if booked.move is None:
            raise StateConflict("This booking is confirmed already; cancel it instead.")
        case ReleaseHold():
            return moving.release_move(booked, command)
        case RequestReschedule():
            return moving.request_move(booked, command)
        case CompleteReschedule():
            return moving.complete_move(booked, command)
        case AskToReschedule():
            return asking.ask_to_move(booked, command)
        case ChangeDetails():
            return editing.change_details(booked, command)
        case CancelBooking():
            return cancelling.cancel(booked, command)
        case _:
            raise StateConflict(_CONFLICTS[Confirmed])


def _of_ended(ended: Declined | Cancelled | Released, command: Command) -> Sequence[Event]:
    match ended, command:
        case _, ReleaseHold() | CompleteReschedule() | LapseBooking():
            return []  # a timer or a verdict came when there was nothing left
        case Released(reason=reason), ConfirmBooking(reasons=reasons):
            raise refusal_of(reason, reasons)
        case Released(reason=reason), VerifyAddress() | ExtendHold():
            raise refusal_of(reason)
        case (Cancelled() | Declined(reason="withdrawn" | "declined"), CancelBooking()):
            return []
        case Declined(reason="declined"), DeclineBooking():
            return []
        case Declined(reason=reason), _:
            raise StateConflict(_DECLINED[reason])
        case _:
            raise StateConflict(_CONFLICTS[type(ended)])


_CONFLICTS: dict[type[State], str] = {
    Held: "This booking is not confirmed yet; confirm or release it first.",
    Unverified: "The address is not proven yet; open the link that was mailed to it first.",
    Requested: "This booking waits for the organizer's answer; cancel it to withdraw the request.",
    Confirmed: "This booking is confirmed already; move it instead.",
    Cancelled: moving.CANCELLED,
    Released: "This time was released before it was confirmed. Book again.",
}

_DECLINED: dict[DeclineReason, str] = {
    "declined": "This request was declined. Book again to ask for another time.",
    "withdrawn": "This request was withdrawn. Book again to have a time.",
    "timeout": "This request was not answered in time; its time is free again.",
    "policy_disabled": "This request has ended: an administrator has turned the page off.",
}

DECIDER: Decider[State, Command, Event] = Decider(Vacant(), decide, evolve)
