"""Moving a booking: the new time is held, and taken once availability has accepted it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.attendees.commands import (
    keep_change_reason,
    keep_move_reason,
    with_move_reason,
)
from services.booking.bookings.commands.claiming import claiming_append
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.domain import booking
from services.booking.domain.slot import Party, Slot
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection, Statement

_MOVED = (
    booking.BookingRescheduled | booking.RequestRescheduled | booking.RescheduleApprovalRequested
)


def request_move(
    context: BookingContext, start: datetime, by: Party, reason: str, hold: timedelta
) -> tuple[BookingContext, Append]:
    """Hold the new time; the move is completed when availability has accepted it."""
    slot = booking.slot_of(context.booking.state).starting_at(start)
    requested = context.booking.decide(
        booking.RequestReschedule(
            slot=slot,
            expires_at=context.now + hold,
            by=by,
            notice=context.notice,
            may_be_moved=context.may_move(by),
            at=context.now,
        )
    )
    booking_id = context.owner.booking_id
    append = claiming_append(
        booking_id,
        context.owner.organizer_id,
        slot,
        [requested, context.page.guard()],
        at=context.now,
        after=[
            *keep_move_reason(booking_id, reason, at=context.now),
            *context.times_within_limits(slot, by),
        ]
        if requested.events
        else (),
    )
    return context.after(requested), append


async def complete_move(connection: Connection, booking_id: UUID, slot: Slot) -> None:
    """Take the held new time, as far as it needs no approval: availability has accepted it."""
    context = await load_booking(connection, booking_id)
    state, settings, now = context.booking.state, context.settings, context.now
    move = state.move if isinstance(state, booking.Confirmed | booking.Requested) else None
    by: Party = move.by if move else "attendee"
    within = timedelta(minutes=settings.approval_deadline_minutes)
    completed = context.booking.decide(
        booking.CompleteReschedule(
            slot=slot,
            may_be_moved=context.may_move(by),
            at=now,
            answer_by=now + within if settings.approval_required else None,
        )
    )
    changed = completed.after
    after: Sequence[Statement] = ()
    # A move that is given up at the last moment leaves the reason of the change before it.
    if any(isinstance(event, _MOVED) for event in completed.events):
        attendee, sequence = with_move_reason(context.attendee), booking.ics_sequence(changed.state)
        after = keep_change_reason(attendee, sequence, version=changed.version, at=now)
    changes: list[AnyChange] = [completed, context.page.guard()]
    await store.append(connection, context.key, changes, at=now, after=after)
