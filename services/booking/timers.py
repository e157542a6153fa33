"""Booking's deadlines, and what fires at each."""

from services.booking.handlers import bookings, private_links
from services.booking.projections import HOLD_TIMER, LINK_TIMER
from services.chassis.events.timers import Handler

TIMERS: dict[str, Handler] = {HOLD_TIMER: bookings.expire, LINK_TIMER: private_links.expire}
