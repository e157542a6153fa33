"""Which command is possible in which state, and which state follows from an event."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from services.booking.domain.booking import cancelling, confirming, holding, moving
from services.booking.domain.booking.cancelling import BookingCancelled, CancelBooking
from services.booking.domain.booking.confirming import BookingConfirmed, ConfirmBooking
from services.booking.domain.booking.holding import (
    ReleaseHold,
    ReserveSlot,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.booking.moving import (
    BookingRescheduled,
    CompleteReschedule,
    RequestReschedule,
)
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    Held,
    LastChange,
    PendingMove,
    RefusedMove,
    Released,
    State,
    Vacant,
    refusal_of,
)
from services.booking.domain.refusals import NotFound, StateConflict
from services.chassis.events.decider import Decider

Command = (
    ReserveSlot
    | ConfirmBooking
    | ReleaseHold
    | RequestReschedule
    | CompleteReschedule
    | CancelBooking
)
Event = SlotReserved | SlotReleased | BookingConfirmed | BookingRescheduled | BookingCancelled


def decide(state: State, command: Command) -> Sequence[Event]:  # noqa: C901 -- a row, a branch
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Vacant(), ReserveSlot() as reserve:
            return [holding.reserve(reserve)]
        case Vacant(), _:
            raise NotFound("booking")
        case Held() as held, ReserveSlot(slot=slot, at=at) if slot == held.slot:
            holding.refuse_if_over(held, at)
            return []
        case Held() as held, ConfirmBooking() as confirm:
            return [confirming.confirm(held, confirm)]
        case Held() as held, ReleaseHold() as release:
            return holding.release(held, release)
        case Confirmed(), ConfirmBooking():
            return []
        case Confirmed(move=None), ReleaseHold(reason="released"):
            raise StateConflict("This booking is confirmed already; cancel it instead.")
        case Confirmed() as booked, ReleaseHold() as release:
            return moving.release_move(booked, release)
        case Confirmed() as booked, RequestReschedule() as request:
            return moving.request_move(booked, request)
        case Confirmed() as booked, CompleteReschedule() as complete:
            return moving.complete_move(booked, complete)
        case Confirmed() as booked, CancelBooking() as cancel:
            return cancelling.cancel(booked, cancel)
        case Released(reason=reason), ConfirmBooking(reasons=reasons):
            raise refusal_of(reason, reasons)
        case (Cancelled(), CancelBooking()) | (Cancelled() | Released(), ReleaseHold()):
            return []
        case Held() | Cancelled() | Released(), CompleteReschedule():
            return []  # the verdict came when there was nothing left to move
        case _:
            raise StateConflict(_CONFLICTS[type(state)])


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case SlotReserved() if isinstance(state, Confirmed):
            move = PendingMove(slot=event.slot, expires_at=event.expires_at, by=event.by)
            return replace(state, move=move, refused_move=None)
        case SlotReserved():
            return Held(
                organizer_id=event.organizer_id,
                meeting_type_id=event.meeting_type_id,
                link_id=event.link_id,
                slot=event.slot,
                expires_at=event.expires_at,
                revision=event.revision,
            )
        case SlotReleased() if isinstance(state, Confirmed):
            return replace(state, move=None, refused_move=RefusedMove(event.slot, event.reason))
        case SlotReleased():
            return Released(organizer_id=event.organizer_id, slot=event.slot, reason=event.reason)
        case BookingConfirmed():
            return Confirmed(
                meeting=event.meeting, slot=event.slot, ics_sequence=event.ics_sequence
            )
        case BookingRescheduled():
            return Confirmed(
                meeting=event.meeting,
                slot=event.new,
                ics_sequence=event.ics_sequence,
                changed=LastChange(event.by, event.old),
            )
        case BookingCancelled():
            return Cancelled(
                meeting=event.meeting,
                slot=event.slot,
                ics_sequence=event.ics_sequence,
                changed=LastChange(event.by),
            )
        case _:
            assert_never(event)


_CONFLICTS: dict[type[State], str] = {
    Held: "This booking is not confirmed yet; confirm or release it first.",
    Confirmed: "This booking is confirmed already; move it instead.",
    Cancelled: moving.CANCELLED,
    Released: "This time was released before it was confirmed. Book again.",
}

DECIDER: Decider[State, Command, Event] = Decider(Vacant(), decide, evolve)
