"""What the organizer answers and asks about a booking, and what both may edit."""

from collections.abc import Callable, Sequence
from uuid import UUID

from services.booking.bookings.commands.answer import approve, ask_to_move, decline
from services.booking.bookings.commands.edit import edit_details
from services.booking.bookings.context import BookingContext, load_bookings
from services.booking.bookings.counted import counted
from services.booking.bookings.reader import BookingReader
from services.booking.bookings.records import bookings_between
from services.booking.bookings.verdicts import SlotVerdict, verdict_on
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import booking
from services.booking.domain.edits import Edit
from services.booking.domain.periods import day_of
from services.booking.domain.slot import Party
from services.chassis.events.store import Append
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection


class AnswerCommands:
    """Answers to requests, and other commands that claim no time; each returns the booking."""

    def __init__(self, transactions: Transactions, reader: BookingReader) -> None:
        self._transactions = transactions
        self._reader = reader

    @counted
    async def approve(self, booking_id: UUID) -> BookingView:
        """Confirm what was requested, or move the booking to the time that awaits approval."""

        async def load() -> tuple[BookingContext, SlotVerdict]:
            context = await self._reader.booking(booking_id)
            return context, await self._verdict(context)

        approved = await self._transactions.change(load, lambda loaded: approve(*loaded))
        return view_of(approved)

    @counted
    async def decline(self, booking_id: UUID, reason: str) -> BookingView:
        """Refuse what was requested; a booking that was to be moved stays as it was."""
        return await self._change(booking_id, lambda context: decline(context, reason))

    @counted
    async def ask_to_move(self, booking_id: UUID, reason: str) -> BookingView:
        """Ask the attendee to choose another time."""
        return await self._change(booking_id, lambda context: ask_to_move(context, reason))

    @counted
    async def edit_details(
        self, booking_id: UUID, edit: Edit, by: Party, expected: int | None
    ) -> BookingView:
        """Edit the attendee's name and answers; the time stays."""
        return await self._change(booking_id, lambda c: edit_details(c, edit, by, expected))

    async def day_around(self, view: BookingView) -> Sequence[BookingView]:
        """Return the organizer's other bookings of the day, in the order of their times."""

        async def work(connection: Connection) -> Sequence[BookingContext]:
            day = day_of(view.slot.start, view.organizer_time_zone)
            ids = await bookings_between(connection, view.organizer_id, day)
            return await load_bookings(connection, [id_ for id_ in ids if id_ != view.id])

        found = map(view_of, await self._transactions.read(work))
        return sorted(found, key=lambda each: each.slot.start)

    async def _verdict(self, context: BookingContext) -> SlotVerdict:
        """Return the newest verdict on the time that awaits approval."""
        wanted = booking.wanted_slot(context.booking.state)
        if wanted == booking.slot_of(context.booking.state):
            return context.verdict
        booking_id, start = context.owner.booking_id, wanted.start
        return await self._transactions.read(lambda c: verdict_on(c, booking_id, start))

    async def _change(
        self,
        booking_id: UUID,
        decide: Callable[[BookingContext], tuple[BookingContext, Append]],
    ) -> BookingView:
        return view_of(
            await self._transactions.change(lambda: self._reader.booking(booking_id), decide)
        )
