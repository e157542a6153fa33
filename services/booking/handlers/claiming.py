"""Claiming a time: taken ahead of the organizer's lock, an expired hold in the way released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import queries
from services.booking.domain.refusals import LinkInUse, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.handlers.releasing import release
from services.booking.projections import claim, drop_claims
from services.booking.store import store
from services.chassis.events.retries import run_with_retries
from services.chassis.events.store import Change, ClaimRefused
from services.chassis.postgres.database import Connection, Database, Statement


class _TimeTaken(SlotTaken):
    """The claim was refused; knows which time it was for."""

    def __init__(self, organizer_id: UUID, slot: Slot) -> None:
        super().__init__()
        self.organizer_id = organizer_id
        self.slot = slot


async def claiming(
    database: Database, work: Callable[[Connection], Awaitable[None]], link_id: UUID | None = None
) -> None:
    """Do work that claims a time, and a use of the link.

    A hold in the way whose deadline has passed is released first: the deadline decides, whether
    or not its timer has fired.
    """
    while True:
        try:
            return await run_with_retries(database, work)
        except (_TimeTaken, LinkInUse) as refusal:
            if not await _release_expired(database, refusal, link_id):
                raise


async def _release_expired(
    database: Database, refusal: _TimeTaken | LinkInUse, link_id: UUID | None
) -> bool:
    async def work(connection: Connection) -> bool:
        expired: list[UUID] = []
        if isinstance(refusal, _TimeTaken):
            slot = refusal.slot
            expired = await queries.expired_in_the_way(
                connection, refusal.organizer_id, slot.start, slot.end
            )
        elif link_id is not None:
            expired = await queries.expired_with_link(connection, link_id)
        released = [await release(connection, id_, "timeout") for id_ in expired]
        return any(released)

    return await run_with_retries(database, work)


async def append_claiming(
    connection: Connection,
    place: tuple[UUID, UUID],
    slot: Slot,
    changes: Sequence[Change[Any, Any]],
    *,
    at: datetime,
    after: Sequence[Statement] = (),
    instead_of: UUID | None = None,
) -> None:
    """Append with a claim on the slot ahead; `place` is the booking's id and its organizer's.

    The claims of the booking `instead_of` which it is made end first: it may overlap them.
    """
    booking_id, organizer_id = place
    ahead = [claim(booking_id, organizer_id, slot)]
    if instead_of:
        ahead.insert(0, drop_claims(instead_of))
    try:
        await store.append(connection, str(organizer_id), changes, at=at, before=ahead, after=after)
    except ClaimRefused as refused:
        raise _TimeTaken(organizer_id, slot) from refused
