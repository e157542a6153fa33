"""Claiming a time: taken ahead of the organizer's lock, an expired hold in the way released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.records import expired_with_link
from services.booking.domain.refusals import LinkInUse, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Statement
from services.chassis.postgres.faults import ClaimRefused

T = TypeVar("T")


class Claiming:
    """Work that claims a time, and perhaps a use of a link.

    A hold in the way whose deadline has passed is released first: the deadline decides, whether
    or not its timer has fired.
    """

    def __init__(self, transactions: Transactions, link_id: UUID | None = None) -> None:
        self._transactions = transactions
        self._link_id = link_id
        # Whose time the newest append claims: the refusal comes with the transaction's end.
        self._claimed: tuple[UUID, Slot] | None = None

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry out the work, which appends with `append`; raise SlotTaken, LinkInUse."""
        while True:
            try:
                return await self._transactions.write(work)
            except ClaimRefused as refused:
                if not await self._release(self._expired_in_the_way):
                    raise SlotTaken from refused
            except LinkInUse:
                if not await self._release(self._expired_with_link):
                    raise

    async def append(
        self,
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
        """Append with a claim on the slot ahead of it.

        The claims of the booking `instead_of` which it is made end first: it may overlap them.
        """
        self._claimed = (organizer_id, slot)
        before = [claims.claim(booking_id, organizer_id, slot)]
        if instead_of:
            before.insert(0, claims.drop_all(instead_of))
        await store.append(
            connection, str(organizer_id), changes, at=at, before=before, after=after
        )

    async def _release(self, find: Callable[[Connection], Awaitable[Sequence[UUID]]]) -> bool:
        """Release the expired holds that are found; False when none was."""

        async def work(connection: Connection) -> bool:
            released = [
                await release_hold(connection, id_, "timeout") for id_ in await find(connection)
            ]
            return any(released)

        return await self._transactions.write(work)

    async def _expired_in_the_way(self, connection: Connection) -> Sequence[UUID]:
        assert self._claimed is not None, "only an append claims"
        return await claims.expired_in_the_way(connection, *self._claimed)

    async def _expired_with_link(self, connection: Connection) -> Sequence[UUID]:
        return await expired_with_link(connection, self._link_id) if self._link_id else ()
