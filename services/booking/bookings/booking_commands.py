"""The commands on bookings: each decides, waits for the verdict, and returns its outcome."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.booking.bookings.alternatives import Alternatives
from services.booking.bookings.calendar_file import calendar_file
from services.booking.bookings.commands.cancel import cancel
from services.booking.bookings.commands.claiming import Claiming
from services.booking.bookings.commands.confirm import confirm, confirm_verified
from services.booking.bookings.commands.extend import extend
from services.booking.bookings.commands.move import request_move
from services.booking.bookings.commands.release import release
from services.booking.bookings.commands.reserve import SentAgain, reserve
from services.booking.bookings.commands.verify import verify
from services.booking.bookings.context import BookingContext
from services.booking.bookings.counted import counted
from services.booking.bookings.outcomes import Done, Outcome, Pending, TimeRefused
from services.booking.bookings.paying import EndedHold, paid, pay_reservation
from services.booking.bookings.reader import BookingReader
from services.booking.bookings.reservation import Reservation, ReservationContext
from services.booking.bookings.verdicts import verdict_on
from services.booking.bookings.views import BookingView, view_of
from services.booking.budgets import forget_hold, spend_address, spend_organizer
from services.booking.domain import booking, private_link
from services.booking.domain.attendee import Attendee, refuse_if_faulty
from services.booking.domain.refusals import (
    Refusal,
    SlotNotOffered,
    SlotTaken,
    TooManyBookings,
    VerdictPending,
)
from services.booking.domain.slot import Canceller, Party
from services.booking.tokens import Tokens
from services.booking.waiting import Answers, Waiting
from services.chassis.events.store import Append
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.faults import LimitRefused
from services.chassis.runtime.cause import acting


class BookingCommands:
    """What can be done with bookings; each returns what came of it, or raises its refusal."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        reader: BookingReader,
        waiting: Waiting,
        alternatives: Alternatives,
        tokens: Tokens,
        hold: timedelta,
        prove_within: timedelta,
    ) -> None:
        self._transactions = transactions
        self._waiting = waiting
        self._tokens = tokens
        self._alternatives = alternatives
        self._hold = hold
        self._prove_within = prove_within
        self._reader = reader

    async def view(self, booking_id: UUID) -> BookingView:
        """Return the booking as it stands; raise NotFound."""
        return view_of(await self._reader.booking(booking_id))

    async def calendar_file(self, booking_id: UUID, recipient: Party) -> bytes:
        """Return the booking's calendar file for the recipient; raise NotFound, StateConflict."""
        return calendar_file(await self._reader.booking(booking_id), recipient, self._tokens)

    @counted
    async def reserve(self, asked: Reservation) -> TimeRefused | None:
        """Hold the time, and do not wait for the verdict on it; None when it was held."""
        reserved = await self._reserve(asked)
        return reserved if isinstance(reserved, TimeRefused) else None

    @counted
    async def book(self, asked: Reservation, attendee: Attendee | None, *, wait: bool) -> Outcome:
        """Hold the time, wait for the verdict, and confirm it for the attendee if there is one."""
        if attendee:
            refuse_if_faulty(attendee)  # before anything is held for them
            spend_address(attendee.email)
            asked = replace(asked, attendee=attendee)
        with self._waiting.about(asked.booking_id) as answers:
            reserved = await self._reserve(asked)
            if isinstance(reserved, TimeRefused):
                return reserved
            context = reserved
            if wait:
                context = await self._settled(answers, reserved, decides=attendee is not None)
        if refusal := _refusal_of_hold(context):
            return await self._alternatives.to_reservation(refusal, asked)
        if attendee is None or not isinstance(context.booking.state, booking.Held):
            return Done(view_of(context))
        by = asked.party(context.owner.organizer_id)
        try:
            return await self._confirm(context, attendee, by)
        except Refusal as refused:  # the answer is final, so the time must not stay held
            await self.release(asked.booking_id)
            if isinstance(refused, SlotNotOffered):
                return await self._alternatives.to_reservation(refused, asked)
            raise

    async def rejected_for(self, booking_id: UUID, start: datetime) -> tuple[str, ...]:
        """Return the rules by which availability rejected the booking's time, if it did."""
        given = await self._transactions.read(lambda c: verdict_on(c, booking_id, start))
        return given.rejected_for

    @counted
    async def confirm(
        self, booking_id: UUID, attendee: Attendee, by: Party = "attendee", *, wait: bool
    ) -> Done | Pending:
        """Confirm the held booking once its verdict is there; pending when it is not there yet."""
        spend_address(attendee.email)
        with self._waiting.about(booking_id) as answers:
            context = await self._reader.booking(booking_id)
            spend_organizer(context.owner.organizer_id)
            if wait:
                context = await self._settled(answers, context)
        return await self._confirm(context, attendee, by)

    @counted
    async def verify(self, booking_id: UUID) -> Outcome:
        """Hold the time for the attendee whose address is proven, and book it as they asked.

        The first who proves their address has the time.
        """
        with self._waiting.about(booking_id) as answers:
            try:
                context = await Claiming(self._transactions).change(
                    lambda: self._reader.booking(booking_id),
                    lambda context: verify(context, self._hold),
                )
            except (SlotTaken, SlotNotOffered) as taken:
                return await self._alternatives.to_held(taken, await self.view(booking_id))
            context = await self._settled(answers, context)
        if refusal := _refusal_of_hold(context):
            return await self._alternatives.to_held(refusal, await self.view(booking_id))
        try:
            return await self._commit(context, confirm_verified)
        except Refusal:  # the answer is final, so the time must not stay held
            await self.release(booking_id)
            raise

    @counted
    async def release(self, booking_id: UUID) -> BookingView:
        """Give the hold up."""
        ended = EndedHold()
        view = await self._change(booking_id, ended.by(lambda c: release(c, "released")))
        ended.give_back()
        return view

    @counted
    async def extend(self, booking_id: UUID) -> BookingView:
        """Hold the time once more as long as at first."""
        return await self._change(booking_id, paid(lambda c: extend(c, self._hold)))

    @counted
    async def cancel(self, booking_id: UUID, by: Canceller, reason: str) -> BookingView:
        """Call the meeting off."""
        return await self._change(booking_id, paid(lambda c: cancel(c, by, reason)))

    @counted
    async def move(
        self, booking_id: UUID, start: datetime, by: Party, reason: str, *, wait: bool
    ) -> Outcome:
        """Move the meeting once the new time's verdict is there; one that is not made says why."""
        with self._waiting.about(booking_id) as answers:
            try:
                context = await Claiming(self._transactions).change(
                    lambda: self._reader.booking(booking_id),
                    paid(lambda context: request_move(context, start, by, reason, self._hold)),
                )
            except (SlotTaken, SlotNotOffered) as refusal:
                return await self._alternatives.to_move(refusal, await self.view(booking_id), start)
            if wait:
                context = await self._settled(answers, context)
        view = view_of(context)
        target = view.slot.starting_at(start)
        match booking.why_not_moved(view.state, target, view.at):
            case None if view.slot == target:
                return Done(view)
            case None if view.pending_move and view.pending_move.awaits_approval:
                return Pending(replace(view, verdict="accepted"))
            case None:  # the verdict is awaited on the new time, whatever that on the old one was
                return Pending(replace(view, verdict="pending"))
            case SlotNotOffered():
                rejected = SlotNotOffered(await self.rejected_for(booking_id, start))
                return await self._alternatives.to_move(
                    rejected, await self.view(booking_id), start
                )
            case other:
                raise other

    async def _reserve(self, asked: Reservation) -> BookingContext | TimeRefused:
        def decide(context: ReservationContext) -> tuple[BookingContext, Append]:
            if asked.party(context.organizer_id) == "organizer":
                acting(f"organizer:{context.organizer_id}")
            decided = reserve(context, asked, self._hold)
            pay_reservation(context, asked)
            return decided

        try:
            return await Claiming(self._transactions, asked).change(
                lambda: self._reader.reservation(asked), decide
            )
        except SentAgain:
            return await self._reader.booking(asked.booking_id)
        except (SlotTaken, SlotNotOffered) as refusal:
            forget_hold()
            return await self._alternatives.to_reservation(refusal, asked)

    async def _confirm(
        self, context: BookingContext, attendee: Attendee, by: Party
    ) -> Done | Pending:
        return await self._commit(context, lambda c: confirm(c, attendee, by, self._prove_within))

    async def _commit(
        self,
        context: BookingContext,
        decide: Callable[[BookingContext], tuple[BookingContext, Append]],
    ) -> Done | Pending:
        """Book what is held; what was loaded a moment ago is good for the first round."""
        loaded, booking_id, ended = [context], context.owner.booking_id, EndedHold()

        async def load() -> BookingContext:
            return loaded.pop() if loaded else await self._reader.booking(booking_id)

        try:
            confirmed = await self._transactions.change(load, ended.by(decide))
        except VerdictPending:
            return Pending(view_of(context))
        except LimitRefused as reached:
            raise TooManyBookings from reached
        ended.give_back()
        return Done(view_of(confirmed))

    async def _change(
        self,
        booking_id: UUID,
        decide: Callable[[BookingContext], tuple[BookingContext, Append]],
    ) -> BookingView:
        return view_of(
            await self._transactions.change(lambda: self._reader.booking(booking_id), decide)
        )

    async def _settled(
        self, answers: Answers, context: BookingContext, *, decides: bool = True
    ) -> BookingContext:
        """Return the booking once its verdict is there.

        For an answer that decides nothing more, what this process has committed itself need not be
        read.
        """

        async def look() -> BookingContext:
            if answers.accepted and not decides:
                return context.accepted()
            return await self._reader.booking(context.owner.booking_id)

        return await answers.until(lambda seen: seen.is_settled, look, context)


def _refusal_of_hold(context: BookingContext) -> Refusal | None:
    """Return why a time that was held just now is not held any more, or cannot be kept.

    Raises LinkEnded where the link's last use was consumed meanwhile: other times are no help.
    """
    view = view_of(context)
    if view.release_reason == "released" and context.link:
        private_link.refuse_if_closed(context.link.state, view.id)
    if view.release_reason:
        return booking.refusal_of(view.release_reason, view.rejected_for)
    if view.status == "held" and view.verdict == "rejected":
        return SlotNotOffered(view.rejected_for)
    return None
