"""Moving a booking or a request: the new time is held until availability has answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    DeclineReason,
    ReleaseReason,
    Requested,
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
    Canceller,
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
    """Take the held new time: availability has accepted it.

    With `answer_by` an attendee's move of a confirmed booking awaits the organizer's approval.
    """

    slot: Slot
    may_be_moved: bool
    at: datetime
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRescheduled:
    """The meeting takes place at another time."""

    meeting: Meeting
    old: Slot
    new: Slot
    by: Party
    ics_sequence: int
    approved_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRescheduled:
    """A request that is not answered yet is for another time; the same answer is awaited."""

    meeting: Meeting
    old: Slot
    new: Slot
    by: Party
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleApprovalRequested:
    """The attendee's new time awaits the organizer's approval; until then the old one stands."""

    meeting: Meeting
    slot: Slot
    wanted: Slot
    by: Party
    ics_sequence: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleDeclined:
    """The attendee's new time was not approved; the meeting stays as it was."""

    meeting: Meeting
    slot: Slot
    wanted: Slot
    by: Canceller | None
    reason: DeclineReason
    ics_sequence: int


Movable = Confirmed | Requested
GivenUp = SlotReleased | RescheduleDeclined


def request_move(booked: Movable, command: RequestReschedule) -> Sequence[GivenUp | SlotReserved]:
    """Hold the new time; the newest request wins over one that is still pending."""
    if command.slot == booked.slot:
        return give_up_move(booked, "released")  # to stay is to withdraw what is pending
    pending = pending_move(booked, command.at)
    if pending and command.slot == pending.slot:
        return []
    if not command.may_be_moved:
        raise NotAvailable
    if isinstance(booked, Requested) or not booked.asked_to_move:
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
    booked: Movable, command: CompleteReschedule
) -> Sequence[GivenUp | BookingRescheduled | RequestRescheduled | RescheduleApprovalRequested]:
    """Take the held time, or give it up: the deadline and the policy bind to the end."""
    move = booked.move
    if move is None or move.slot != command.slot or move.awaits_approval:
        return []  # a move that is done, withdrawn or replaced is not completed
    if command.at >= move.expires_at:
        return give_up_move(booked, "timeout")
    if not command.may_be_moved:
        return give_up_move(booked, "policy_disabled")
    if isinstance(booked, Requested):
        return [
            RequestRescheduled(
                meeting=booked.meeting,
                old=booked.slot,
                new=move.slot,
                by=move.by,
                expires_at=min(booked.expires_at, move.slot.start),
            )
        ]
    if command.answer_by and move.by == "attendee" and not booked.asked_to_move:
        return [
            RescheduleApprovalRequested(
                meeting=booked.meeting,
                slot=booked.slot,
                wanted=move.slot,
                by=move.by,
                ics_sequence=booked.ics_sequence,
                # Without an answer before the old time the meeting is held as it was agreed.
                expires_at=min(command.answer_by, move.slot.start, booked.slot.start),
            )
        ]
    return [moved(booked, move.slot, move.by)]


def moved(
    booked: Confirmed, new: Slot, by: Party, approved_by: UUID | None = None
) -> BookingRescheduled:
    """Return the event of the meeting having moved."""
    return BookingRescheduled(
        meeting=booked.meeting,
        old=booked.slot,
        new=new,
        by=by,
        ics_sequence=booked.ics_sequence + 1,
        approved_by=approved_by,
    )


def release_move(booked: Movable, command: ReleaseHold) -> Sequence[GivenUp]:
    """Give up the held time if it is the one that is meant; the booking stays as it was."""
    if booked.move is None or not is_meant(booked.move, command):
        return []
    if booked.move.awaits_approval and command.reason == "rejected":
        return []  # a second verdict: the organizer decides, and is shown it
    return give_up_move(booked, command.reason)


def give_up_move(booked: Movable, reason: ReleaseReason) -> Sequence[GivenUp]:
    """Return the release of the held time, if there is one."""
    move = booked.move
    if move is None:
        return []
    if isinstance(booked, Confirmed) and move.awaits_approval and reason in _NOT_ANSWERED:
        return [decline_move(booked, move.slot, *_NOT_ANSWERED[reason])]
    return [
        SlotReleased(
            organizer_id=booked.meeting.organizer_id,
            slot=move.slot,
            reason=reason,
            purpose="reschedule",
        )
    ]


def decline_move(
    booked: Confirmed, wanted: Slot, reason: DeclineReason, by: Canceller | None
) -> RescheduleDeclined:
    """Return the event of the new time not being approved."""
    return RescheduleDeclined(
        meeting=booked.meeting,
        slot=booked.slot,
        wanted=wanted,
        by=by,
        reason=reason,
        ics_sequence=booked.ics_sequence,
    )


def why_not_moved(state: State, slot: Slot, at: datetime) -> Refusal | None:
    """Return why the booking is not moved to the slot; None when it is, or may still be."""
    match state:
        case Confirmed(slot=now) | Requested(slot=now) if now == slot:
            return None
        case Confirmed() | Requested() if (pending := pending_move(state, at)) is not None:
            return None if pending.slot == slot else StateConflict(REPLACED)
        case Confirmed(refused_move=refused) | Requested(refused_move=refused) if (
            refused and refused.slot == slot
        ):
            return refusal_of(refused.reason)
        case Cancelled():
            return StateConflict(CANCELLED)
        case _:
            return HoldOver()


CANCELLED = "This booking is cancelled. Book again to have another time."
REPLACED = "Another time was asked for in the meantime; that one is being checked."
# How a move that awaits approval ends without an answer: why, and by whom.
_NOT_ANSWERED: dict[ReleaseReason, tuple[DeclineReason, Canceller | None]] = {
    "timeout": ("timeout", None),
    "policy_disabled": ("policy_disabled", "administrator"),
}
