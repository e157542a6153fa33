"""Cancelling: a confirmed booking is called off, a request is withdrawn."""

from dataclasses import replace

from services.booking.bookings.commands.records import with_reason
from services.booking.bookings.commands.release import return_use
from services.booking.bookings.context import BookingContext
from services.booking.domain.booking import CancelBooking
from services.booking.domain.slot import Canceller
from services.booking.store import store
from services.chassis.events.store import Append


def cancel(context: BookingContext, by: Canceller, reason: str) -> tuple[BookingContext, Append]:
    """Cancel the meeting, with the words of whoever does."""
    command = CancelBooking(by=by, notice=context.notice, at=context.now)
    cancelled = context.booking.decide(command)
    attendee, after = with_reason(context, cancelled, reason)
    changes = [cancelled, *return_use(context, cancelled)]
    append = store.prepare(context.key, changes, at=context.now, after=after)
    return replace(context.after(cancelled), attendee=attendee), append
