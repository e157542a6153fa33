"""Reading bookings and what reservations need; those asked for at the same time in one query."""

from collections.abc import Sequence
from uuid import UUID

from services.booking.bookings.context import BookingContext, load_bookings
from services.booking.bookings.reservation import (
    Reservation,
    ReservationContext,
    load_reservations,
)
from services.booking.domain import private_link
from services.booking.domain.refusals import LinkEnded, NotFound
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.batcher import Batcher
from services.chassis.postgres.database import Connection


class BookingReader:
    """Reads what commands decide on; a query begins after it was asked for, never before."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._bookings: Batcher[UUID, BookingContext] = Batcher(self._load_bookings)
        self._reservations: Batcher[Reservation, ReservationContext | None] = Batcher(
            self._load_reservations
        )

    async def booking(self, booking_id: UUID) -> BookingContext:
        """Return the booking with all that belongs to it; raise NotFound."""
        return await self._bookings.of(booking_id)

    async def reservation(self, asked: Reservation) -> ReservationContext:
        """Return what the reservation reads; raise NotFound, LinkEnded without such a type."""
        found = await self._reservations.of(asked)
        if found is None:
            raise await self._transactions.read(lambda c: _no_such_type(c, asked))
        return found

    async def _load_bookings(self, ids: Sequence[UUID]) -> list[BookingContext | Exception]:
        found = await self._transactions.read(lambda c: load_bookings(c, list(set(ids))))
        by_id = {context.owner.booking_id: context for context in found}
        return [by_id.get(id_) or NotFound("booking") for id_ in ids]

    async def _load_reservations(
        self, asked: Sequence[Reservation]
    ) -> Sequence[ReservationContext | None]:
        return await self._transactions.read(lambda c: load_reservations(c, asked))


async def _no_such_type(connection: Connection, asked: Reservation) -> NotFound | LinkEnded:
    """Return the refusal for a type that does not exist: its link says more, if it is shown."""
    if asked.link_id:
        stream = PRIVATE_LINK.stream(asked.link_id)
        loaded = await store.load(connection, stream)
        link = loaded.get(stream).state
        reason = private_link.end_reason(link, loaded.now)
        if reason and private_link.opens(link, asked.meeting_type_id):
            return LinkEnded(reason)
    return NotFound("meeting type")
