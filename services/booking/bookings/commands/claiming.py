"""Claiming a time: taken ahead of the organizer's lock, an expired hold in the way released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.records import expired_with_link
from services.booking.domain.refusals import LinkInUse, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.store import ClaimRefused
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Statement


class ClaimTaken(SlotTaken):
    """Another booking has a part of the slot; `organizer_id` and `slot` say which slot it is."""

    def __init__(self, organizer_id: UUID, slot: Slot) -> None:
        super().__init__()
        self.organizer_id = organizer_id
        self.slot = slot


async def write_claiming(
    transactions: Transactions,
    work: Callable[[Connection], Awaitable[None]],
    link_id: UUID | None = None,
) -> None:
    """Carry out work that claims a time, and a use of the link.

    A hold in the way whose deadline has passed is released first: the deadline decides, whether
    or not its timer has fired.
    """
    while True:
        try:
            return await transactions.write(work)
        except (ClaimTaken, LinkInUse) as refusal:
            if not await _release_expired(transactions, refusal, link_id):
                raise


async def append_claiming(
    connection: Connection,
    booking_id: UUID,
    organizer_id: UUID,
    slot: Slot,
    changes: Sequence[AnyChange],
    *,
    at: datetime,
    after: Sequence[Statement] = (),
    instead_of: UUID | None = None,
) -> None:
    """Append with a claim on the slot ahead of it; raise ClaimTaken.

    The claims of the booking `instead_of` which it is made end first: it may overlap them.
    """
    before = [claims.claim(booking_id, organizer_id, slot)]
    if instead_of:
        before.insert(0, claims.drop_all(instead_of))
    try:
        await store.append(
            connection, str(organizer_id), changes, at=at, before=before, after=after
        )
    except ClaimRefused as refused:
        raise ClaimTaken(organizer_id, slot) from refused


async def _release_expired(
    transactions: Transactions, refusal: ClaimTaken | LinkInUse, link_id: UUID | None
) -> bool:
    async def work(connection: Connection) -> bool:
        expired: list[UUID] = []
        if isinstance(refusal, ClaimTaken):
            expired = await claims.expired_in_the_way(
                connection, refusal.organizer_id, refusal.slot
            )
        elif link_id is not None:
            expired = await expired_with_link(connection, link_id)
        released = [await release_hold(connection, id_, "timeout") for id_ in expired]
        return any(released)

    return await transactions.write(work)
