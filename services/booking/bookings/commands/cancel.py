"""Cancelling a confirmed booking."""

from dataclasses import replace
from uuid import UUID

from services.booking.attendees.commands import keep_change_reason, with_change_reason
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.domain.booking import CancelBooking
from services.booking.domain.slot import Canceller
from services.booking.store import store
from services.chassis.postgres.database import Connection


async def cancel_booking(
    connection: Connection, booking_id: UUID, by: Canceller, reason: str
) -> BookingContext:
    """Cancel the meeting, with the words of whoever does."""
    context = await load_booking(connection, booking_id)
    command = CancelBooking(by=by, notice=context.notice, at=context.now)
    cancelled = context.booking.decide(command)
    if not cancelled.events:
        return context
    attendee = with_change_reason(context.attendee, reason)
    after = keep_change_reason(context.attendee, attendee, at=context.now)
    await store.append(connection, context.key, [cancelled], at=context.now, after=after)
    return replace(context.after(cancelled), attendee=attendee)
