"""Which state of a booking follows from an event."""

from dataclasses import replace
from typing import assert_never

from services.booking.domain.booking.approving import BookingDeclined
from services.booking.domain.booking.asking import RescheduleRequested
from services.booking.domain.booking.cancelling import BookingCancelled
from services.booking.domain.booking.confirming import (
    BookingConfirmed,
    BookingRequested,
    VerificationRequested,
)
from services.booking.domain.booking.editing import BookingDetailsChanged
from services.booking.domain.booking.extending import HoldExtended
from services.booking.domain.booking.holding import SlotReleased, SlotReserved
from services.booking.domain.booking.moving import (
    BookingRescheduled,
    RequestRescheduled,
    RescheduleApprovalRequested,
    RescheduleDeclined,
)
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    Declined,
    Held,
    LastChange,
    PendingMove,
    RefusedMove,
    Released,
    Requested,
    State,
    Unverified,
)
from services.booking.domain.booking.verifying import AddressVerified, BookingLapsed
from services.booking.domain.slot import Slot

Event = (
    SlotReserved
    | SlotReleased
    | HoldExtended
    | VerificationRequested
    | AddressVerified
    | BookingLapsed
    | BookingRequested
    | BookingDeclined
    | RequestRescheduled
    | BookingConfirmed
    | RescheduleApprovalRequested
    | RescheduleDeclined
    | BookingRescheduled
    | RescheduleRequested
    | BookingDetailsChanged
    | BookingCancelled
)

# What leaves the time of a confirmed booking as it is.
_Addition = (
    RescheduleApprovalRequested | RescheduleDeclined | RescheduleRequested | BookingDetailsChanged
)


def evolve(state: State, event: Event) -> State:  # noqa: C901 -- an event, a branch
    """Return the state after the event; history is never refused."""
    match event:
        case SlotReserved() | SlotReleased() | HoldExtended():
            return _after_hold(state, event)
        case VerificationRequested():
            return Unverified(
                meeting=event.meeting,
                slot=event.slot,
                asked_at=event.asked_at,
                expires_at=event.expires_at,
            )
        case AddressVerified():
            return state  # the time is held next, in the same append
        case BookingLapsed(slot=slot, reason=reason):
            return Released(organizer_id=event.meeting.organizer_id, slot=slot, reason=reason)
        case BookingRequested():
            return Requested(meeting=event.meeting, slot=event.slot, expires_at=event.expires_at)
        case RequestRescheduled():
            return Requested(meeting=event.meeting, slot=event.new, expires_at=event.expires_at)
        case BookingDeclined():
            return Declined(
                meeting=event.meeting, slot=event.slot, reason=event.reason, by=event.by
            )
        case BookingConfirmed():
            return _confirmed(event)
        case (
            RescheduleApprovalRequested()
            | RescheduleDeclined()
            | RescheduleRequested()
            | BookingDetailsChanged()
        ):
            return _with(state, event)
        case BookingRescheduled():
            changed = LastChange(event.by, event.old)
            return replace(_confirmed(event, event.new), changed=changed)
        case BookingCancelled():
            return Cancelled(
                meeting=event.meeting,
                slot=event.slot,
                ics_sequence=event.ics_sequence,
                changed=LastChange(event.by),
            )
        case _:
            assert_never(event)


def _after_hold(state: State, event: SlotReserved | SlotReleased | HoldExtended) -> State:
    match event, state:
        case HoldExtended(), Held():
            return replace(state, expires_at=event.expires_at, extended=True)
        case HoldExtended(), _:
            return state
        case SlotReserved(), Confirmed() | Requested():
            move = PendingMove(slot=event.slot, expires_at=event.expires_at, by=event.by)
            return replace(state, move=move, refused_move=None)
        case SlotReserved(), _:
            return Held(
                organizer_id=event.organizer_id,
                meeting_type_id=event.meeting_type_id,
                link_id=event.link_id,
                slot=event.slot,
                expires_at=event.expires_at,
                revision=event.revision,
                verified=state.meeting if isinstance(state, Unverified) else None,
            )
        case SlotReleased(), Confirmed() | Requested():
            return replace(state, move=None, refused_move=RefusedMove(event.slot, event.reason))
        case SlotReleased(), _:
            return Released(organizer_id=event.organizer_id, slot=event.slot, reason=event.reason)
        case _:
            assert_never(event)


def _with(state: State, event: _Addition) -> State:
    """Return the booking with what the event adds to it; its time stands."""
    if isinstance(event, BookingDetailsChanged) and not event.confirmed:
        return state
    kept = state if isinstance(state, Confirmed) else _confirmed(event)
    match event:
        case RescheduleApprovalRequested():
            move = PendingMove(
                slot=event.wanted, expires_at=event.expires_at, by=event.by, awaits_approval=True
            )
            return replace(kept, move=move, refused_move=None)
        case RescheduleDeclined(wanted=wanted, reason=reason):
            return replace(kept, move=None, refused_move=RefusedMove(wanted, reason))
        case RescheduleRequested():
            return replace(kept, asked_to_move=True)
        case BookingDetailsChanged():
            return replace(kept, ics_sequence=event.ics_sequence)
        case _:
            assert_never(event)


def _confirmed(
    event: BookingConfirmed | BookingRescheduled | _Addition, slot: Slot | None = None
) -> Confirmed:
    if slot is None:
        assert not isinstance(event, BookingRescheduled), "it names two slots"
        slot = event.slot
    return Confirmed(meeting=event.meeting, slot=slot, ics_sequence=event.ics_sequence)
