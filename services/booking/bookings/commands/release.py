"""Giving a hold up: by its holder, its deadline, a rejection, the policy."""

from uuid import UUID

from services.booking.bookings.context import BookingContext, load_booking
from services.booking.domain.booking import ReleaseHold, ReleaseReason
from services.booking.domain.private_link import ReturnUse
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection


async def release_booking(
    connection: Connection, booking_id: UUID, reason: ReleaseReason, slot: Slot | None = None
) -> tuple[BookingContext, bool]:
    """Release what the booking holds, and give its link's use back; raise NotFound.

    Returns the booking as it is then, and whether it held anything.
    """
    context = await load_booking(connection, booking_id)
    released = context.booking.decide(ReleaseHold(reason=reason, at=context.now, slot=slot))
    if not released.events:
        return context, False
    changes: list[AnyChange] = [released]
    if context.link:
        changes.append(context.link.decide(ReturnUse(booking_id)))
    await store.append(connection, context.key, changes, at=context.now)
    return context.after(released), True


async def release_hold(
    connection: Connection, booking_id: UUID, reason: ReleaseReason, slot: Slot | None = None
) -> bool:
    """Release what the booking holds; False when it holds nothing."""
    _, held = await release_booking(connection, booking_id, reason, slot)
    return held


async def expire_hold(connection: Connection, key: str) -> None:
    """Release the hold whose deadline has passed: what its timer fires."""
    await release_hold(connection, UUID(key), "timeout")
