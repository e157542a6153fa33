"""Extending a hold."""

from datetime import timedelta

from services.booking.bookings.context import BookingContext
from services.booking.domain.booking import ExtendHold
from services.booking.store import store
from services.chassis.events.store import Append


def extend(context: BookingContext, hold: timedelta) -> tuple[BookingContext, Append]:
    """Hold the time for that long from now."""
    command = ExtendHold(expires_at=context.now + hold, at=context.now)
    extended = context.booking.decide(command)
    return context.after(extended), store.prepare(context.key, [extended], at=context.now)
