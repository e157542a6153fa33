"""Moving a confirmed booking: the new time is held until availability has answered."""

from datetime import datetime

from services.booking.domain.booking_words import (
    BookingRescheduled,
    Canceller,
    CompleteReschedule,
    Confirmed,
    Event,
    Held,
    PendingMove,
    ReleaseHold,
    ReleaseReason,
    RequestReschedule,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.refusals import ChangeTooLate, NotAvailable, SlotNotOffered
from services.booking.domain.slot import Notice, last_change, reasons_against


def request_move(booked: Confirmed, request: RequestReschedule) -> list[Event]:
    """Hold the new time; the newest request wins over one that is still pending."""
    if request.slot == booked.slot:
        return give_up_move(booked, "released")  # to stay is to withdraw what is pending
    alive = booked.move is not None and request.at < booked.move.expires_at
    if alive and booked.move and request.slot == booked.move.slot:
        return []
    if not request.page_open:
        raise NotAvailable
    refuse_if_too_late(booked, request.by, request.notice, request.at)
    if reasons := reasons_against(request.slot, request.by, request.at, request.notice):
        raise SlotNotOffered(reasons)
    return [
        *give_up_move(booked, "released" if alive else "timeout"),
        SlotReserved(
            booked.meeting.organizer_id,
            booked.meeting.meeting_type_id,
            None,
            request.slot,
            min(request.expires_at, request.slot.start),
            "reschedule",
            request.by,
        ),
    ]


def complete_move(booked: Confirmed, complete: CompleteReschedule) -> list[Event]:
    """Take the held time for good, or give it up: the deadline and the policy bind to the end."""
    move = booked.move
    if move is None or move.slot != complete.slot:
        return []  # a move that is done, withdrawn or replaced is not completed
    if complete.at >= move.expires_at:
        return give_up_move(booked, "timeout")
    if not complete.page_open:
        return give_up_move(booked, "policy_disabled")
    return [
        BookingRescheduled(booked.meeting, booked.slot, move.slot, move.by, booked.ics_sequence + 1)
    ]


def release_move(booked: Confirmed, release: ReleaseHold) -> list[Event]:
    """Give up the held time if it is the one that is meant; the booking stays as it was."""
    if booked.move is None or not is_meant(booked.move, release):
        return []
    return give_up_move(booked, release.reason)


def give_up_move(booked: Confirmed, reason: ReleaseReason) -> list[Event]:
    """Return the release of the held time, if there is one."""
    if booked.move is None:
        return []
    return [SlotReleased(booked.meeting.organizer_id, booked.move.slot, reason, "reschedule")]


def refuse_if_too_late(booked: Confirmed, by: Canceller, notice: Notice, at: datetime) -> None:
    """Raise ChangeTooLate if an attendee may not move or cancel any more."""
    # The meeting's beginning binds too, where the cut-off is zero.
    if by == "attendee" and (at > last_change(booked.slot, notice) or at >= booked.slot.start):
        raise ChangeTooLate(last_change(booked.slot, notice))


def is_meant(hold: Held | PendingMove, release: ReleaseHold) -> bool:
    """Tell whether the hold is the one to release, and a time-out is really due."""
    if release.slot not in (None, hold.slot):
        return False
    return release.reason != "timeout" or release.at >= hold.expires_at
