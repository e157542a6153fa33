"""Booking's event store: the streams of pages, meeting types, private links and bookings.

How a kind of stream decides, is published and projected is defined in the `streams.py` of its
capability; the store knows none of them.
"""

from collections.abc import Mapping

from contracts.topics import BOOKING_EVENTS
from services.chassis.events.store import EventStore

# The constraints on names that people choose: the field, and what to say when it is taken.
UNIQUE_NAMES: Mapping[str, tuple[str, str]] = {
    "pages_handle_key": ("handle", "Somebody has this address already; choose another one."),
    "page_addresses_look": (
        "handle",
        "Somebody has this address already, or one that looks like it; choose another one.",
    ),
    "meeting_types_slug": ("slug", "Another of your meeting types has this address."),
}

store = EventStore(BOOKING_EVENTS)
