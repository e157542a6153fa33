"""What each event of a booking says in a sentence: one entry for each kind of event."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.booking.domain import booking
from services.booking.domain.slot import Slot

_RELEASED: Mapping[booking.ReleaseReason, str] = {
    "timeout": "The time was not confirmed before its deadline and is free again.",
    "released": "The time was given up and is free again.",
    "rejected": "The organizer is not free at that time; it is not held any more.",
    "policy_disabled": "The page was switched off, so the time is not held any more.",
}
_LAPSED: Mapping[booking.LapseReason, str] = {
    "timeout": "The address was not proven in time, so nothing was booked.",
    "taken": "Somebody else was first, so nothing was booked.",
    "withdrawn": "The booking was withdrawn before the address was proven.",
    "policy_disabled": "The page was switched off before the address was proven.",
}
_DECLINED: Mapping[booking.DeclineReason, str] = {
    "declined": "was declined",
    "withdrawn": "was withdrawn",
    "timeout": "was not answered in time",
    "policy_disabled": "has ended because the page was switched off",
}


def in_words(event: booking.Event) -> str:
    """Return what has happened, in a sentence without any personal data of the attendee."""
    return WORDS[type(event)](event)


def _reserved(event: booking.SlotReserved) -> str:
    held = f"{_time(event.slot)} is held until {_instant(event.expires_at)}"
    return (
        f"{held} as the new time of the meeting." if event.purpose == "reschedule" else f"{held}."
    )


def _released(event: booking.SlotReleased) -> str:
    if event.purpose == "reschedule":
        return f"{_RELEASED[event.reason]} The meeting stays where it was."
    return _RELEASED[event.reason]


def _extended(event: booking.HoldExtended) -> str:
    return f"{_time(event.slot)} is held longer, until {_instant(event.expires_at)}."


def _verification_requested(event: booking.VerificationRequested) -> str:
    return f"The address is to be proven until {_instant(event.expires_at)}."


def _verified(event: booking.AddressVerified) -> str:
    return f"The address was proven; {_time(event.slot)} is asked for."


def _lapsed(event: booking.BookingLapsed) -> str:
    return _LAPSED[event.reason]


def _requested(event: booking.BookingRequested) -> str:
    until = _instant(event.expires_at)
    return f"The meeting at {_time(event.slot)} was asked for; it is to be answered until {until}."


def _declined(event: booking.BookingDeclined) -> str:
    return f"The request for {_time(event.slot)} {_DECLINED[event.reason]}."


def _request_moved(event: booking.RequestRescheduled) -> str:
    return f"The request was moved from {_time(event.old)} to {_time(event.new)}."


def _confirmed(event: booking.BookingConfirmed) -> str:
    approved = " with the organizer's approval" if event.approved_by else ""
    return f"The meeting takes place at {_time(event.slot)}{approved}."


def _move_requested(event: booking.RescheduleApprovalRequested) -> str:
    return f"{_time(event.wanted)} was asked for instead of {_time(event.slot)}."


def _move_declined(event: booking.RescheduleDeclined) -> str:
    what = f"The request to move to {_time(event.wanted)} {_DECLINED[event.reason]}"
    return f"{what}; the meeting stays at {_time(event.slot)}."


def _rescheduled(event: booking.BookingRescheduled) -> str:
    return f"The meeting was moved from {_time(event.old)} to {_time(event.new)}."


def _asked_to_move(event: booking.RescheduleRequested) -> str:
    return f"The attendee was asked to choose another time than {_time(event.slot)}."


def _details_changed(event: booking.BookingDetailsChanged) -> str:
    return f"Changed without moving: {', '.join(event.changed)}."


def _cancelled(event: booking.BookingCancelled) -> str:
    return f"The meeting at {_time(event.slot)} was called off."


def _time(slot: Slot) -> str:
    return _instant(slot.start)


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


# Each takes its own kind of event; a test holds that none is left out.
WORDS: Mapping[type[Any], Callable[[Any], str]] = {
    booking.SlotReserved: _reserved,
    booking.SlotReleased: _released,
    booking.HoldExtended: _extended,
    booking.VerificationRequested: _verification_requested,
    booking.AddressVerified: _verified,
    booking.BookingLapsed: _lapsed,
    booking.BookingRequested: _requested,
    booking.BookingDeclined: _declined,
    booking.RequestRescheduled: _request_moved,
    booking.BookingConfirmed: _confirmed,
    booking.RescheduleApprovalRequested: _move_requested,
    booking.RescheduleDeclined: _move_declined,
    booking.BookingRescheduled: _rescheduled,
    booking.RescheduleRequested: _asked_to_move,
    booking.BookingDetailsChanged: _details_changed,
    booking.BookingCancelled: _cancelled,
}
