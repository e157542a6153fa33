"""The commands on bookings: each decides, waits for the verdict, and returns its outcome."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings.calendar_file import calendar_file
from services.booking.bookings.commands.cancel import cancel_booking
from services.booking.bookings.commands.confirm import confirm_booking
from services.booking.bookings.commands.move import request_move
from services.booking.bookings.commands.release import release_hold
from services.booking.bookings.commands.reserve import Reservation, reserve_slot
from services.booking.bookings.outcomes import Done, Outcome, Pending, TimeRefused
from services.booking.bookings.verdicts import verdict_on
from services.booking.bookings.views import BookingView, view_booking
from services.booking.domain import booking
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.refusals import Refusal, SlotNotOffered, SlotTaken, VerdictPending
from services.booking.domain.slot import Canceller, Party
from services.booking.free_times import FreeTimesClient, Opening
from services.booking.tokens import Tokens
from services.booking.waiting import Waiting
from services.chassis.events.transactions import Transactions


class BookingCommands:
    """What can be done with bookings; each returns what came of it, or raises its refusal."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        waiting: Waiting,
        free_times: FreeTimesClient,
        tokens: Tokens,
        hold: timedelta,
    ) -> None:
        self._transactions = transactions
        self._waiting = waiting
        self._free_times = free_times
        self._tokens = tokens
        self._hold = hold

    async def view(self, booking_id: UUID) -> BookingView:
        """Return the booking as it stands; raise NotFound."""
        return await self._transactions.read(lambda c: view_booking(c, booking_id))

    async def calendar_file(self, booking_id: UUID, recipient: Party) -> bytes:
        """Return the booking's calendar file for the recipient; raise NotFound, StateConflict."""
        tokens = self._tokens
        return await self._transactions.read(
            lambda c: calendar_file(c, booking_id, recipient, tokens)
        )

    async def reserve(self, asked: Reservation) -> TimeRefused | None:
        """Hold the time, and do not wait for the verdict on it; None when it was held."""
        try:
            await reserve_slot(self._transactions, asked, self._hold)
        except (SlotTaken, SlotNotOffered) as refusal:
            return await self._refused_reservation(refusal, asked)
        return None

    async def book(self, asked: Reservation, attendee: Attendee | None, *, wait: bool) -> Outcome:
        """Hold the time, wait for the verdict, and confirm it for the attendee if there is one."""
        if attendee:
            refuse_if_faulty(attendee)  # before anything is held for them
        if refused := await self.reserve(asked):
            return refused
        view = await self._settled(asked.booking_id, wait=wait)
        if refusal := _refusal_of_hold(view):
            return await self._refused_reservation(refusal, asked)
        if attendee is None or not isinstance(view.state, booking.Held):
            return Done(view)
        try:
            return await self._confirm(asked.booking_id, attendee)
        except Refusal as refused:  # the answer is final, so the time must not stay held
            await self.release(asked.booking_id)
            if isinstance(refused, SlotNotOffered):
                return await self._refused_reservation(refused, asked)
            raise

    async def confirm(self, booking_id: UUID, attendee: Attendee, *, wait: bool) -> Done | Pending:
        """Confirm the held booking once its verdict is there; pending when it is not there yet."""
        await self._settled(booking_id, wait=wait)
        return await self._confirm(booking_id, attendee)

    async def release(self, booking_id: UUID) -> BookingView:
        """Give the hold up."""
        await self._transactions.write(lambda c: release_hold(c, booking_id, "released"))
        return await self.view(booking_id)

    async def cancel(self, booking_id: UUID, by: Canceller, reason: str) -> BookingView:
        """Call the meeting off."""
        await self._transactions.write(lambda c: cancel_booking(c, booking_id, by, reason))
        return await self.view(booking_id)

    async def move(
        self, booking_id: UUID, start: datetime, by: Party, reason: str, *, wait: bool
    ) -> Outcome:
        """Move the meeting once the new time's verdict is there; one that is not made says why."""
        try:
            await request_move(self._transactions, booking_id, start, by, reason, self._hold)
        except (SlotTaken, SlotNotOffered) as refusal:
            return await self._refused_move(refusal, booking_id, start)
        view = await self._settled(booking_id, wait=wait)
        target = view.slot.starting_at(start)
        match booking.why_not_moved(view.state, target, view.at):
            case None if view.slot == target:
                return Done(view)
            case None:  # the verdict is awaited on the new time, whatever that on the old one was
                return Pending(replace(view, verdict="pending"))
            case SlotNotOffered():
                given = await self._transactions.read(lambda c: verdict_on(c, booking_id, start))
                rejected = SlotNotOffered(given.rejected_for)
                return await self._refused_move(rejected, booking_id, start)
            case other:
                raise other

    async def _confirm(self, booking_id: UUID, attendee: Attendee) -> Done | Pending:
        try:
            await self._transactions.write(lambda c: confirm_booking(c, booking_id, attendee))
        except VerdictPending:
            return Pending(await self.view(booking_id))
        return Done(await self.view(booking_id))

    async def _settled(self, booking_id: UUID, *, wait: bool) -> BookingView:
        return await self._waiting.until(
            booking_id, lambda: self.view(booking_id), lambda view: view.is_settled, wait=wait
        )

    async def _refused_reservation(self, refusal: Refusal, asked: Reservation) -> TimeRefused:
        opening = Opening(
            meeting_type_id=asked.meeting_type_id,
            link_token=self._tokens.link(asked.link_id) if asked.link_id else None,
        )
        return TimeRefused(refusal, await self._free_times.nearest(opening, asked.start))

    async def _refused_move(
        self, refusal: Refusal, booking_id: UUID, start: datetime
    ) -> TimeRefused:
        view = await self.view(booking_id)
        opening = Opening(
            meeting_type_id=view.meeting_type_id,
            manage_token=self._tokens.manage(booking_id),
            rescheduling=booking_id,
        )
        return TimeRefused(refusal, await self._free_times.nearest(opening, start))


def _refusal_of_hold(view: BookingView) -> Refusal | None:
    """Return why a time that was held just now is not held any more, or cannot be kept."""
    if view.release_reason:
        return booking.refusal_of(view.release_reason, view.rejected_for)
    if view.status == "held" and view.verdict == "rejected":
        return SlotNotOffered(view.rejected_for)
    return None
