"""Booking's event store: the streams of pages, meeting types, private links and bookings.

What a kind of stream is, how it decides, is published and projected, its capability says in
`streams.py`; the store knows none of them.
"""

from contracts.topics import BOOKING_EVENTS
from services.chassis.events.store import EventStore

store = EventStore(BOOKING_EVENTS)
