"""Cancelling a confirmed booking."""

from collections.abc import Sequence
from dataclasses import replace

from services.booking.attendees.commands import keep_change_reason, with_change_reason
from services.booking.bookings.context import BookingContext
from services.booking.domain.booking import CancelBooking, Cancelled
from services.booking.domain.slot import Canceller
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.postgres.database import Statement


def cancel(context: BookingContext, by: Canceller, reason: str) -> tuple[BookingContext, Append]:
    """Cancel the meeting, with the words of whoever does."""
    command = CancelBooking(by=by, notice=context.notice, at=context.now)
    cancelled = context.booking.decide(command)
    attendee, state = context.attendee, cancelled.after.state
    after: Sequence[Statement] = ()
    if cancelled.events and isinstance(state, Cancelled):
        attendee = with_change_reason(attendee, reason)
        after = keep_change_reason(attendee, state.ics_sequence, at=context.now)
    append = store.prepare(context.key, [cancelled], at=context.now, after=after)
    return replace(context.after(cancelled), attendee=attendee), append
