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


def _confirmed(event: booking.BookingConfirmed) -> str:
    return f"The meeting takes place at {_time(event.slot)}."


def _rescheduled(event: booking.BookingRescheduled) -> str:
    return f"The meeting was moved from {_time(event.old)} to {_time(event.new)}."


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
    booking.BookingConfirmed: _confirmed,
    booking.BookingRescheduled: _rescheduled,
    booking.BookingCancelled: _cancelled,
}
