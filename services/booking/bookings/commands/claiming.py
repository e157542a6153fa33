"""Claiming a time: taken ahead of the organizer's lock, an expired hold in the way released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.booking.bookings import claims
from services.booking.bookings.claims import expired_in_the_way
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.context import BookingContext
from services.booking.bookings.limits import limited_period
from services.booking.bookings.offered_claims import drop_expired_offers, drop_overlapping
from services.booking.bookings.records import displaceable, expired_with_link, oldest_with_link
from services.booking.bookings.reservation import Reservation
from services.booking.domain import booking, page
from services.booking.domain.booking import ReleaseReason
from services.booking.domain.refusals import LinkInUse, SlotNotOffered, SlotTaken
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.retries import with_retries
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Statement
from services.chassis.postgres.faults import ClaimRefused, LimitRefused, VersionConflict

L = TypeVar("L")


def lost_claim(refused: ClaimRefused, taken: SlotTaken, organizer_id: UUID) -> Exception:
    """Return what a claim comes to when there was nothing to release for it.

    Holds that are over are released by whoever wants their time, and by their timers. Where others
    were faster the time may be free: whoever lost to them asks again.
    """
    return VersionConflict(f"times of {organizer_id}") if refused.is_over else taken


def claiming_append(
    booking_id: UUID,
    organizer_id: UUID,
    slot: Slot,
    changes: Sequence[AnyChange],
    *,
    at: datetime,
    after: Sequence[Statement] = (),
    instead_of: UUID | None = None,
    offer_id: UUID | None = None,
) -> Append:
    """Return the append with a claim on the slot ahead of it.

    The claims of the booking `instead_of` which it is made end first: it may overlap them. So do
    those on this time of the offer whose link is used.
    """
    before = [claims.claim(booking_id, organizer_id, slot)]
    if offer_id:
        before.insert(0, drop_overlapping(offer_id, slot))
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
        claims=[f"{organizer_id} at {slot.start.isoformat()}"],
    )


class Claiming:
    """A change that claims a time of an organizer, and perhaps a use of a link.

    What is in the way is released first: a hold whose deadline has passed, whether or not its timer
    has fired; and a hold that competes for the last use of the link, which the newest visitor gets.
    """

    def __init__(self, transactions: Transactions, asked: Reservation | None = None) -> None:
        self._transactions = transactions
        self._asked = asked
        # What the newest append claims, and in which zone: its refusal comes after the decision.
        self._claimed: tuple[UUID, Slot] | None = None
        self._time_zone = ""

    async def change(
        self, load: Callable[[], Awaitable[L]], decide: Callable[[L], tuple[BookingContext, Append]]
    ) -> BookingContext:
        """Load, decide, append; raise SlotTaken, SlotNotOffered, LinkInUse."""
        return await with_retries(lambda: self._change(load, decide))

    async def _change(
        self, load: Callable[[], Awaitable[L]], decide: Callable[[L], tuple[BookingContext, Append]]
    ) -> BookingContext:
        def noted(loaded: L) -> tuple[BookingContext, Append]:
            context, append = decide(loaded)
            self._time_zone = page.time_zone(context.page.state)
            self._claimed = (context.owner.organizer_id, booking.wanted_slot(context.booking.state))
            return context, append

        while True:
            try:
                return await self._transactions.change(load, noted)
            except LimitRefused as reached:
                raise self._full(reached.rule) from reached
            except ClaimRefused as refused:
                if not await self._release(self._time_is_claimed):
                    raise lost_claim(refused, SlotTaken(), self._wanted[0]) from refused
            except SlotTaken:
                if not await self._release(self._time_is_shared):
                    raise
            except LinkInUse:
                if not await self._release(self._link_is_crowded):
                    raise

    @property
    def _wanted(self) -> tuple[UUID, Slot]:
        assert self._claimed is not None, "only an append is refused"
        return self._claimed

    def _full(self, limit: str) -> SlotNotOffered:
        return SlotNotOffered((limit,), limited_period(limit, self._wanted[1], self._time_zone))

    async def _release(self, release: Callable[[Connection], Awaitable[bool]]) -> bool:
        return await self._transactions.write(release)

    async def _time_is_claimed(self, connection: Connection) -> bool:
        over = await expired_in_the_way(connection, *self._wanted)
        gone = await drop_expired_offers(connection, *self._wanted)
        released = await _release_all(connection, over, "timeout")
        return gone or released or await self._time_is_shared(connection)

    async def _time_is_shared(self, connection: Connection) -> bool:
        if self._asked is None or self._asked.link_id is None:
            return False
        found = await displaceable(connection, self._asked.link_id, self._asked.start)
        return await _release_all(connection, found, "released")

    async def _link_is_crowded(self, connection: Connection) -> bool:
        if self._asked is None or self._asked.link_id is None:
            return False
        over = await expired_with_link(connection, self._asked.link_id)
        if await _release_all(connection, over, "timeout"):
            return True
        oldest = await oldest_with_link(connection, self._asked.link_id)
        return await _release_all(connection, oldest, "released")


async def _release_all(connection: Connection, ids: Sequence[UUID], reason: ReleaseReason) -> bool:
    """Release the holds; False when none was held."""
    released = [await release_hold(connection, id_, reason) for id_ in ids]
    return any(released)
