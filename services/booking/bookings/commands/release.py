"""Giving a hold up: by its holder, its deadline, a rejection, the policy."""

from uuid import UUID

from prometheus_client import Counter

from services.booking.bookings.records import booking_owner
from services.booking.bookings.streams import BOOKING
from services.booking.domain.booking import ReleaseHold, ReleaseReason
from services.booking.domain.private_link import ReturnUse
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Slot
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection

EXPIRED = Counter("bookwith_holds_expired_total", "Holds that were not confirmed in time")


async def release_hold(
    connection: Connection, booking_id: UUID, reason: ReleaseReason, slot: Slot | None = None
) -> bool:
    """Release what the booking holds, and give its link's use back; False when it holds nothing."""
    owner = await booking_owner(connection, booking_id)
    if owner is None:
        raise NotFound("booking")
    booking = BOOKING.stream(booking_id)
    link = PRIVATE_LINK.stream(owner.link_id) if owner.link_id else None
    loaded = await store.load(connection, booking, link)
    released = loaded.get(booking).decide(ReleaseHold(reason=reason, at=loaded.now, slot=slot))
    changes: list[AnyChange] = [released]
    if link and released.events:
        changes.append(loaded.get(link).decide(ReturnUse(booking_id)))
    await store.append(connection, str(owner.organizer_id), changes, at=loaded.now)
    return bool(released.events)


async def expire_hold(connection: Connection, key: str) -> None:
    """Release the hold whose deadline has passed: what its timer fires."""
    if await release_hold(connection, UUID(key), "timeout"):
        EXPIRED.inc()
