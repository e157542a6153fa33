"""A booking: one attendee's claim on one slot, from reservation to cancellation."""

from dataclasses import replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from services.booking.domain.booking_words import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    CancelBooking,
    Cancelled,
    Canceller,
    Command,
    CompleteReschedule,
    ConfirmBooking,
    Confirmed,
    Contact,
    Event,
    Held,
    Meeting,
    PendingMove,
    Purpose,
    Released,
    ReleaseHold,
    ReleaseReason,
    RequestReschedule,
    ReserveSlot,
    SlotReleased,
    SlotReserved,
    State,
    Terms,
    Vacant,
    Verdict,
)
from services.booking.domain.moves import (
    complete_move,
    give_up_move,
    is_meant,
    refuse_if_too_late,
    release_move,
    request_move,
)
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    NotFound,
    SlotNotOffered,
    StateConflict,
    VerdictPending,
)
from services.booking.domain.slot import Slot, reasons_against

# The words live in a module of their own for length alone; they are asked for here.
__all__ = [
    "INITIAL",
    "BookingCancelled",
    "BookingConfirmed",
    "BookingRescheduled",
    "CancelBooking",
    "Cancelled",
    "Canceller",
    "Command",
    "CompleteReschedule",
    "ConfirmBooking",
    "Confirmed",
    "Contact",
    "Event",
    "Held",
    "Meeting",
    "PendingMove",
    "Purpose",
    "ReleaseHold",
    "ReleaseReason",
    "Released",
    "RequestReschedule",
    "ReserveSlot",
    "SlotReleased",
    "SlotReserved",
    "State",
    "Terms",
    "Vacant",
    "Verdict",
    "decide",
    "evolve",
    "status",
    "uid",
]

INITIAL: State = Vacant()


def decide(state: State, command: Command) -> list[Event]:  # noqa: C901 -- a row, a branch
    """Return the events that the command causes; raise if a rule forbids it."""
    match state, command:
        case Vacant(), ReserveSlot() as reserve:
            return _reserve(reserve)
        case Vacant(), _:
            raise NotFound("booking")
        case Held() as held, ReserveSlot(slot=slot, at=at) if slot == held.slot:
            return _refuse_if_over(held, at)
        case Held() as held, ConfirmBooking() as confirm:
            return _confirm(held, confirm)
        case Held() as held, ReleaseHold() as release:
            return _release(held, release)
        case Confirmed(), ConfirmBooking():
            return []
        case Confirmed(move=None), ReleaseHold(reason="released"):
            raise StateConflict("This booking is confirmed already; cancel it instead.")
        case Confirmed() as booked, ReleaseHold() as release:
            return release_move(booked, release)
        case Confirmed() as booked, RequestReschedule() as request:
            return request_move(booked, request)
        case Confirmed() as booked, CompleteReschedule() as complete:
            return complete_move(booked, complete)
        case Confirmed() as booked, CancelBooking() as cancel:
            return _cancel(booked, cancel)
        case Released(reason=reason), ConfirmBooking(reasons=reasons):
            raise _why_released(reason, reasons)
        case (Cancelled(), CancelBooking()) | (Cancelled() | Released(), ReleaseHold()):
            return []
        case Held() | Cancelled() | Released(), CompleteReschedule():
            return []  # the verdict came when there was nothing left to move
        case _:
            raise StateConflict(_CONFLICTS[type(state)])


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case SlotReserved(slot=slot, expires_at=expires_at, by=by) if isinstance(state, Confirmed):
            return replace(state, move=PendingMove(slot, expires_at, by))
        case SlotReserved(organizer_id, type_id, link_id, slot, expires_at):
            return Held(organizer_id, type_id, link_id, slot, expires_at)
        case SlotReleased() if isinstance(state, Confirmed):
            return replace(state, move=None)
        case SlotReleased(organizer_id, slot, reason):
            return Released(organizer_id, slot, reason)
        case BookingConfirmed(meeting, slot, ics_sequence):
            return Confirmed(meeting, slot, ics_sequence)
        case BookingRescheduled(meeting, new=slot, ics_sequence=ics_sequence):
            return Confirmed(meeting, slot, ics_sequence)
        case BookingCancelled(meeting, slot, _, ics_sequence):
            return Cancelled(meeting, slot, ics_sequence)
        case _:
            assert_never(event)


_CONFLICTS: dict[type[State], str] = {
    Held: "This booking is not confirmed yet; confirm or release it first.",
    Confirmed: "This booking is confirmed already; move it instead.",
    Cancelled: "This booking is cancelled. Book again to have another time.",
    Released: "This time was released before it was confirmed. Book again.",
}


def uid(booking_id: UUID) -> str:
    """Return the iCalendar UID that the booking has for life."""
    return f"{booking_id}@bookwith"


def slot_of(state: State) -> Slot:
    """Return the time that the booking takes, or took."""
    match state:
        case Vacant():
            raise NotFound("booking")
        case _:
            return state.slot


def status(state: State, at: datetime) -> Literal["held", "confirmed", "cancelled", "released"]:
    """Return the booking's status; a hold past its deadline is released, swept or not."""
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


def _reserve(reserve: ReserveSlot) -> list[Event]:
    if reasons := reasons_against(reserve.slot, reserve.by, reserve.at, reserve.notice):
        raise SlotNotOffered(reasons)
    return [
        SlotReserved(
            reserve.organizer_id,
            reserve.meeting_type_id,
            reserve.link_id,
            reserve.slot,
            min(reserve.expires_at, reserve.slot.start),  # nothing is held past its beginning
            "new",
            reserve.by,
        )
    ]


def _refuse_if_over(held: Held, at: datetime) -> list[Event]:
    if at >= held.expires_at:
        raise HoldOver
    return []


def _confirm(held: Held, confirm: ConfirmBooking) -> list[Event]:
    _refuse_if_over(held, confirm.at)
    if not confirm.page_open:
        raise NotAvailable
    match confirm.verdict:
        case "pending":
            raise VerdictPending
        case "rejected":
            raise SlotNotOffered(confirm.reasons)
        case "accepted":
            meeting = Meeting(
                held.organizer_id,
                held.meeting_type_id,
                held.link_id,
                confirm.attendee_id,
                confirm.terms,
            )
            return [BookingConfirmed(meeting, held.slot, ics_sequence=0)]


def _why_released(
    reason: ReleaseReason, reasons: tuple[str, ...]
) -> NotAvailable | SlotNotOffered | HoldOver:
    match reason:
        case "policy_disabled":
            return NotAvailable()
        case "rejected":
            return SlotNotOffered(reasons)
        case "timeout" | "released":
            return HoldOver()


def _release(held: Held, release: ReleaseHold) -> list[Event]:
    if not is_meant(held, release):
        return []
    return [SlotReleased(held.organizer_id, held.slot, release.reason, "new")]


def _cancel(booked: Confirmed, cancel: CancelBooking) -> list[Event]:
    refuse_if_too_late(booked, cancel.by, cancel.notice, cancel.at)
    return [
        *give_up_move(booked, "released"),
        BookingCancelled(booked.meeting, booked.slot, cancel.by, booked.ics_sequence + 1),
    ]
