"""Cancelling a confirmed booking."""

from collections.abc import Sequence
from uuid import UUID

from services.booking.attendees.commands import keep_change_reason
from services.booking.bookings.context import load_booking
from services.booking.domain.booking import CancelBooking, Cancelled
from services.booking.domain.slot import Canceller
from services.booking.store import store
from services.chassis.postgres.database import Connection, Statement


async def cancel_booking(
    connection: Connection, booking_id: UUID, by: Canceller, reason: str
) -> None:
    """Cancel the meeting, with the words of whoever does."""
    context = await load_booking(connection, booking_id)
    command = CancelBooking(by=by, notice=context.notice, at=context.now)
    cancelled = context.booking.decide(command)
    state = cancelled.after.state
    after: Sequence[Statement] = ()
    if cancelled.events and isinstance(state, Cancelled):
        after = await keep_change_reason(
            connection, booking_id, reason, state.ics_sequence, at=context.now
        )
    await store.append(connection, context.key, [cancelled], at=context.now, after=after)
