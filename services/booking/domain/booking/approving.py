"""Approving and declining: the organizer answers a request, or a move that needs their approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain.booking.cancelling import CancelBooking
from services.booking.domain.booking.confirming import BookingConfirmed, Verdict
from services.booking.domain.booking.holding import ReleaseHold
from services.booking.domain.booking.meeting import Meeting
from services.booking.domain.booking.moving import (
    BookingRescheduled,
    GivenUp,
    RescheduleDeclined,
    decline_move,
    give_up_move,
    moved,
    release_move,
)
from services.booking.domain.booking.states import Confirmed, DeclineReason, Requested
from services.booking.domain.refusals import RequestOver, SlotNotOffered, StateConflict
from services.booking.domain.slot import Canceller, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveBooking:
    """Say yes. `verdict` is availability's newest on the time that is asked for.

    `is_allowed` is whether the administrators' policy lets the organizer be booked.
    """

    by: UUID
    verdict: Verdict
    reasons: tuple[str, ...]
    is_allowed: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineBooking:
    """Say no."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDeclined:
    """The request has ended without a meeting; `by` is None where its deadline ended it."""

    meeting: Meeting
    slot: Slot
    by: Canceller | None
    reason: DeclineReason


def approve(requested: Requested, command: ApproveBooking) -> Sequence[GivenUp | BookingConfirmed]:
    """Make the request a meeting; raise RequestOver, SlotNotOffered or StateConflict."""
    refuse_if_over(requested, command.at)
    _refuse_if_changed(command)
    return [
        *give_up_move(requested, "released"),
        BookingConfirmed(
            meeting=requested.meeting,
            slot=requested.slot,
            ics_sequence=0,
            approved_by=command.by,
        ),
    ]


def approve_move(booked: Confirmed, command: ApproveBooking) -> Sequence[BookingRescheduled]:
    """Move the meeting to the time that awaits approval; nothing to do when none does."""
    move = booked.move
    if move is None or not move.awaits_approval:
        return []
    if command.at >= move.expires_at:
        raise RequestOver
    _refuse_if_changed(command)
    return [moved(booked, move.slot, move.by, command.by)]


def decline(requested: Requested, command: DeclineBooking) -> Sequence[GivenUp | BookingDeclined]:
    """End the request; raise RequestOver."""
    refuse_if_over(requested, command.at)
    return _ended(requested, "declined", "organizer")


def refuse_move(booked: Confirmed, command: DeclineBooking) -> Sequence[RescheduleDeclined]:
    """Let the meeting stay as it was; raise StateConflict when no move awaits approval."""
    move = booked.move
    if move is None or not move.awaits_approval:
        raise StateConflict("This booking is confirmed already; cancel it instead.")
    if command.at >= move.expires_at:
        raise RequestOver
    return [decline_move(booked, move.slot, "declined", "organizer")]


def withdraw(requested: Requested, command: CancelBooking) -> Sequence[GivenUp | BookingDeclined]:
    """End the request: withdrawn by its attendee, declined by anybody else."""
    refuse_if_over(requested, command.at)
    return _ended(requested, "withdrawn" if command.by == "attendee" else "declined", command.by)


def release_request(
    requested: Requested, command: ReleaseHold
) -> Sequence[GivenUp | BookingDeclined]:
    """End the request at its deadline or by the policy, else only the move that is meant."""
    if command.reason == "timeout" and command.at >= requested.expires_at:
        return _ended(requested, "timeout", None)
    if command.reason == "policy_disabled":
        return _ended(requested, "policy_disabled", "administrator")
    return release_move(requested, command)


def refuse_if_over(requested: Requested, at: datetime) -> None:
    """Raise RequestOver at the deadline and after it; it is never later than the beginning."""
    if at >= requested.expires_at:
        raise RequestOver


def _ended(
    requested: Requested, reason: DeclineReason, by: Canceller | None
) -> Sequence[GivenUp | BookingDeclined]:
    return [
        *give_up_move(requested, "policy_disabled" if reason == "policy_disabled" else "released"),
        BookingDeclined(meeting=requested.meeting, slot=requested.slot, by=by, reason=reason),
    ]


def _refuse_if_changed(command: ApproveBooking) -> None:
    if not command.is_allowed:
        raise StateConflict("Your page is turned off by an administrator; nothing can be approved.")
    if command.verdict == "rejected":
        raise SlotNotOffered(command.reasons)
