"""Giving a time up: by its holder, a deadline, a rejection, the policy, somebody who was faster."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from prometheus_client import Counter

from services.booking.bookings import claims
from services.booking.bookings.commands.records import with_reason
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.records import held_with_link
from services.booking.bookings.streams import BookingChange
from services.booking.domain.booking import (
    BookingDeclined,
    BookingLapsed,
    Declined,
    LapseBooking,
    Released,
    ReleaseHold,
    ReleaseReason,
    RescheduleDeclined,
    Unverified,
)
from services.booking.domain.private_link import ReturnUse
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.store import Append, enqueue_appends
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection, Statement, count_at_commit

EXPIRED = Counter("bookwith_holds_expired_total", "Holds that were not confirmed in time")

# The events of which somebody is told: the attendee's record goes with them.
_MAILED = BookingDeclined | BookingLapsed | RescheduleDeclined


def release(
    context: BookingContext, reason: ReleaseReason, slot: Slot | None = None
) -> tuple[BookingContext, Append]:
    """Release what the booking holds, and give its link's use back if it ends with that."""
    released = context.booking.decide(ReleaseHold(reason=reason, at=context.now, slot=slot))
    attendee = context.attendee
    after: Sequence[Statement] = ()
    if any(isinstance(event, _MAILED) for event in released.events):
        attendee, after = with_reason(context, released, "")
    changes = [released, *return_use(context, released)]
    append = store.prepare(context.key, changes, at=context.now, after=after)
    return replace(context.after(released), attendee=attendee), append


def return_use(context: BookingContext, change: BookingChange) -> Sequence[AnyChange]:
    """Return the change that gives the link's use back when the booking ends without a meeting."""
    ended = isinstance(change.after.state, Released | Declined)
    if context.link is None or not change.events or not ended:
        return ()
    return [context.link.decide(ReturnUse(context.owner.booking_id))]


async def end_taken(connection: Connection, key: str) -> None:
    """End a booking whose address is not proven, and whose time somebody else has."""
    context = await load_booking(connection, UUID(key.partition(":")[0]))
    state, organizer_id = context.booking.state, context.owner.organizer_id
    if not isinstance(state, Unverified):
        return
    if not await claims.is_taken(connection, organizer_id, state.slot):
        return  # it is free again
    lapsed = context.booking.decide(LapseBooking(reason="taken", at=context.now))
    _, after = with_reason(context, lapsed, "")
    changes = [lapsed, *return_use(context, lapsed)]
    append = store.prepare(context.key, changes, at=context.now, after=after)
    await enqueue_appends(connection, [append])


async def release_hold(
    connection: Connection, booking_id: UUID, reason: ReleaseReason, slot: Slot | None = None
) -> bool:
    """Release what the booking holds; False when it holds nothing; raise NotFound."""
    _, append = release(await load_booking(connection, booking_id), reason, slot)
    await enqueue_appends(connection, [append])
    return bool(append.statements)


async def expire_hold(connection: Connection, key: str) -> None:
    """Release the hold whose deadline has passed: what its timer fires."""
    if await release_hold(connection, UUID(key), "timeout"):
        count_at_commit(connection, [EXPIRED])


async def release_with_link(connection: Connection, key: str) -> None:
    """Release what is held with a link that has ended: what the timer of its holds fires."""
    for booking_id in await held_with_link(connection, UUID(key)):
        await release_hold(connection, booking_id, "released")
