"""Giving a hold up: by its holder, its deadline, a rejection, the policy."""

from uuid import UUID

from prometheus_client import Counter

from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.records import held_with_link
from services.booking.domain.booking import ReleaseHold, ReleaseReason
from services.booking.domain.private_link import ReturnUse
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.store import Append, enqueue_appends
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection, count_at_commit

EXPIRED = Counter("bookwith_holds_expired_total", "Holds that were not confirmed in time")


def release(
    context: BookingContext, reason: ReleaseReason, slot: Slot | None = None
) -> tuple[BookingContext, Append]:
    """Release what the booking holds, and give its link's use back."""
    released = context.booking.decide(ReleaseHold(reason=reason, at=context.now, slot=slot))
    changes: list[AnyChange] = [released]
    if context.link and released.events:
        changes.append(context.link.decide(ReturnUse(context.owner.booking_id)))
    return context.after(released), store.prepare(context.key, changes, at=context.now)


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
