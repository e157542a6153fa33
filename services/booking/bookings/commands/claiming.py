"""Claiming a time: taken ahead of the organizer's lock, an expired hold in the way released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.context import BookingContext
from services.booking.bookings.records import expired_with_link
from services.booking.domain import booking
from services.booking.domain.refusals import LinkInUse, SlotNotOffered, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Statement
from services.chassis.postgres.faults import ClaimRefused, LimitRefused

L = TypeVar("L")


def claiming_append(
    booking_id: UUID,
    organizer_id: UUID,
    slot: Slot,
    changes: Sequence[AnyChange],
    *,
    at: datetime,
    after: Sequence[Statement] = (),
    instead_of: UUID | None = None,
) -> Append:
    """Return the append with a claim on the slot ahead of it.

    The claims of the booking `instead_of` which it is made end first: it may overlap them.
    """
    before = [claims.claim(booking_id, organizer_id, slot)]
    if instead_of:
        before.insert(0, claims.drop_all(instead_of))
    # Claims of an organizer in the order of their times: then no two transactions wait for each
    # other's.
    return store.prepare(
        str(organizer_id),
        changes,
        at=at,
        before=before,
        after=after,
        order=slot.start.isoformat(),
    )


class Claiming:
    """A change that claims a time of an organizer, and perhaps a use of a link.

    A hold in the way whose deadline has passed is released first: the deadline decides, whether
    or not its timer has fired.
    """

    def __init__(self, transactions: Transactions, link_id: UUID | None = None) -> None:
        self._transactions = transactions
        self._link_id = link_id
        # What the newest append claims: its refusal comes after the decision.
        self._claimed: tuple[UUID, Slot] | None = None

    async def change(
        self, load: Callable[[], Awaitable[L]], decide: Callable[[L], tuple[BookingContext, Append]]
    ) -> BookingContext:
        """Load, decide, append; raise SlotTaken, SlotNotOffered, LinkInUse."""

        def noted(loaded: L) -> tuple[BookingContext, Append]:
            context, append = decide(loaded)
            self._claimed = (context.owner.organizer_id, booking.wanted_slot(context.booking.state))
            return context, append

        while True:
            try:
                return await self._transactions.change(load, noted)
            except LimitRefused as reached:
                raise SlotNotOffered((reached.rule,)) from reached
            except ClaimRefused as refused:
                if not await self._release(self._expired_in_the_way):
                    raise SlotTaken from refused
            except LinkInUse:
                if not await self._release(self._expired_with_link):
                    raise

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
