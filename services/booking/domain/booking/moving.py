"""Moving a confirmed booking: the new time is held until availability has answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.booking.holding import (
    ReleaseHold,
    SlotReleased,
    SlotReserved,
    is_meant,
)
from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.states import (
    Cancelled,
    Confirmed,
    RefusedMove,
    ReleaseReason,
    State,
    pending_move,
    refusal_of,
)
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    Refusal,
    SlotNotOffered,
    StateConflict,
)
from services.booking.domain.slot import (
    Notice,
    Party,
    Slot,
    reasons_against,
    refuse_if_too_late,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReschedule:
    """Ask for another time; it is held until availability has checked it."""

    slot: Slot
    expires_at: datetime
    by: Party
    notice: Notice
    may_be_moved: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteReschedule:
    """Take the held new time for good: availability has accepted it."""

    slot: Slot
    may_be_moved: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRescheduled:
    """The meeting takes place at another time."""

    meeting: Meeting
    old: Slot
    new: Slot
    by: Party
    ics_sequence: int


def request_move(
    booked: Confirmed, command: RequestReschedule
) -> Sequence[SlotReleased | SlotReserved]:
    """Hold the new time; the newest request wins over one that is still pending."""
    if command.slot == booked.slot:
        return give_up_move(booked, "released")  # to stay is to withdraw what is pending
    pending = pending_move(booked, command.at)
    if pending and command.slot == pending.slot:
        return []
    if not command.may_be_moved:
        raise NotAvailable
    refuse_if_too_late(booked.slot, command.by, command.notice, command.at)
    if reasons := reasons_against(command.slot, command.by, command.at, command.notice):
        raise SlotNotOffered(reasons)
    return [
        *give_up_move(booked, "released" if pending else "timeout"),
        SlotReserved(
            organizer_id=booked.meeting.organizer_id,
            meeting_type_id=booked.meeting.meeting_type_id,
            link_id=None,
            slot=command.slot,
            expires_at=min(command.expires_at, command.slot.start),
            purpose="reschedule",
            by=command.by,
        ),
    ]


def complete_move(
    booked: Confirmed, command: CompleteReschedule
) -> Sequence[SlotReleased | BookingRescheduled]:
    """Take the held time for good, or give it up: the deadline and the policy bind to the end."""
    move = booked.move
    if move is None or move.slot != command.slot:
        return []  # a move that is done, withdrawn or replaced is not completed
    if command.at >= move.expires_at:
        return give_up_move(booked, "timeout")
    if not command.may_be_moved:
        return give_up_move(booked, "policy_disabled")
    return [
        BookingRescheduled(
            meeting=booked.meeting,
            old=booked.slot,
            new=move.slot,
            by=move.by,
            ics_sequence=booked.ics_sequence + 1,
        )
    ]


def release_move(booked: Confirmed, command: ReleaseHold) -> list[SlotReleased]:
    """Give up the held time if it is the one that is meant; the booking stays as it was."""
    if booked.move is None or not is_meant(booked.move, command):
        return []
    return give_up_move(booked, command.reason)


def give_up_move(booked: Confirmed, reason: ReleaseReason) -> list[SlotReleased]:
    """Return the release of the held time, if there is one."""
    if booked.move is None:
        return []
    return [
        SlotReleased(
            organizer_id=booked.meeting.organizer_id,
            slot=booked.move.slot,
            reason=reason,
            purpose="reschedule",
        )
    ]


def why_not_moved(state: State, slot: Slot, at: datetime) -> Refusal | None:
    """Return why the booking is not moved to the slot; None when it is, or may still be."""
    match state:
        case Confirmed(slot=now) if now == slot:
            return None
        case Confirmed() if (pending := pending_move(state, at)) is not None:
            return None if pending.slot == slot else StateConflict(REPLACED)
        case Confirmed(refused_move=RefusedMove(refused, reason)) if refused == slot:
            return refusal_of(reason)
        case Cancelled():
            return StateConflict(CANCELLED)
        case _:
            return HoldOver()


CANCELLED = "This booking is cancelled. Book again to have another time."
REPLACED = "Another time was asked for in the meantime; that one is being checked."
