"""Giving a hold up: by its holder, its deadline, a rejection, the policy."""

from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain import booking, private_link
from services.booking.domain.booking import ReleaseHold, ReleaseReason
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Slot
from services.booking.store import BOOKING, PRIVATE_LINK, store
from services.chassis.events.store import Change
from services.chassis.postgres.database import Connection


async def release(
    connection: Connection, booking_id: UUID, reason: ReleaseReason, slot: Slot | None = None
) -> bool:
    """Release what the booking holds, and give its link's use back; False when it holds nothing."""
    place = await queries.place_of(connection, booking_id)
    if place is None:
        raise NotFound("booking")
    link_streams = [PRIVATE_LINK.stream(place.link_id)] if place.link_id else []
    loaded = await store.load(connection, BOOKING.stream(booking_id), *link_streams)
    held = loaded.get(BOOKING, booking_id)
    events = booking.decide(held.state, ReleaseHold(reason, loaded.now, slot))
    changes: list[Change[Any, Any]] = [Change(held, events)]
    was_new = any(isinstance(e, booking.SlotReleased) and e.purpose == "new" for e in events)
    if place.link_id and was_new:
        link = loaded.get(PRIVATE_LINK, place.link_id)
        returned = private_link.decide(link.state, private_link.ReturnUse(booking_id))
        changes.append(Change(link, returned))
    return bool(await store.append(connection, str(place.organizer_id), changes, at=loaded.now))
