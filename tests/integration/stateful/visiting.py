"""What visitors ask for: a time, held, or booked in one call."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from services.booking.bookings.reservation import Reservation
from services.booking.bookings.streams import BOOKING
from services.booking.domain.booking import SlotReserved
from services.booking.domain.slot import Party
from services.booking.store import store
from services.booking.waiting import ANSWERS
from tests.integration.stateful.answering import Verdict
from tests.integration.stateful.claiming import claimed, may_be_asked_for
from tests.integration.stateful.commands import (
    ORGANIZER,
    Command,
    booking_id,
    kind_id,
    link_id,
)
from tests.integration.stateful.holding import Confirm, Release, attendee
from tests.integration.stateful.model import Booking, Model
from tests.integration.stateful.process import Process

UNDISTURBED = timedelta(seconds=10)
# No more may share the last use of a link: the test stays below that.
MOST_WITH_LINK = 8


@dataclass(frozen=True)
class Reserve(Command):
    """Hold a time of a type; through the newest link of a private one, unless they have none."""

    kind: str
    start: datetime
    by: Party
    through_link: int | None
    number: int = 0

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the command with a number of its own, and a link that there is."""
        links = sorted(
            (number for number, link in model.links.items() if link.kind == self.kind),
            reverse=True,
        )
        wanted = self.through_link
        through = links[wanted % len(links)] if links and wanted is not None else None
        if through is not None and len(model.links[through].held) >= MOST_WITH_LINK:
            return None
        number = max([*numbers, *model.bookings, 0]) + 1
        numbers.append(number)
        return replace(self, number=number, through_link=through)

    def asked(self) -> Reservation:
        """Return what booking is asked."""
        link = self.through_link
        return Reservation(
            booking_id=booking_id(self.number),
            meeting_type_id=kind_id(self.kind),
            start=self.start,
            link_id=None if link is None else link_id(link),
            signed_in=ORGANIZER if self.by == "organizer" else None,
        )

    async def run(self, process: Process) -> object:
        return await process.bookings.reserve(self.asked())

    def predict(self, model: Model) -> str:
        kind, link = model.kinds[self.kind], self.through_link
        if kind.is_deleted:
            return "NotFound" if link is None else "LinkEnded"
        if kind.settings.visibility == "private" and link is None and self.by == "attendee":
            return "NotFound"
        if not model.may_be_booked(self.kind, self.by):
            return "NotAvailable" if link is None else "LinkSuspended"
        if link is not None and model.links[link].end_reason(model.now):
            return "LinkEnded"
        if not may_be_asked_for(model, self.start, self.by, kind.settings):
            return "SlotNotOffered"
        while refused := self._refused(model):
            if refused != "SlotTaken" or not self._displaced(model):
                return refused
        model.bookings[self.number] = Booking(
            kind=self.kind,
            link=link,
            start=self.start,
            minutes=kind.settings.duration_minutes,
            created_at=model.now,
            expires_at=min(model.now + model.hold, self.start),
            held_settings=kind.settings,
            requests=[(self.start, False)],
        )
        if link is not None:
            model.links[link].held.add(self.number)
        return "Done"

    def predictions(self, model: Model) -> list[tuple[str, Model]]:
        """Return what may come of it: who has just lost the time has tried to claim it before.

        What was over in its way is released then; whoever sees at once that it is taken does not
        try.
        """
        found = super().predictions(model)
        [(outcome, after)] = found
        if outcome != "SlotTaken":
            return found
        tried = after.copy()
        claimed(tried, self.start, tried.kinds[self.kind].settings.duration_minutes, None)
        return [*found, (outcome, tried)]

    def _refused(self, model: Model) -> str:
        minutes = model.kinds[self.kind].settings.duration_minutes
        if model.at(self.start) or not claimed(model, self.start, minutes, None):
            return "SlotTaken"
        full = self.by == "attendee" and model.limit_reached(self.kind, self.start, None)
        return "SlotNotOffered" if full else ""

    def _displaced(self, model: Model) -> bool:
        """Release who holds this start with the same link's last use, once they had some time."""
        link = None if self.through_link is None else model.links[self.through_link]
        if link is None or len(link.consumed) + 1 != link.max_uses:
            return False
        competing = [
            number
            for number in model.at(self.start, live=False)
            if model.bookings[number].link == self.through_link
            and model.bookings[number].status == "held"
            and model.bookings[number].created_at <= model.now - UNDISTURBED
        ]
        for number in competing:
            model.end(number, "released", "released")
        return bool(competing)


@dataclass(frozen=True)
class Book(Reserve):
    """Hold and confirm in one call, for which availability answers meanwhile, or says no."""

    email: str = ""
    accepted: bool = True

    async def run(self, process: Process) -> object:
        answering = asyncio.create_task(self._answer(process))
        try:
            return await process.patient.book(self.asked(), attendee(self.email), wait=True)
        finally:
            answering.cancel()  # nothing was asked, if the time was refused at once
            with suppress(asyncio.CancelledError):
                await answering

    async def _answer(self, process: Process) -> None:
        stream = BOOKING.stream(booking_id(self.number))
        while True:
            async with process.database.connection() as connection:
                if await store.newest(connection, stream, SlotReserved):
                    break
            await asyncio.sleep(0.001)
        await Verdict(self.number, 0, self.accepted).run(process)
        process.signals.wake(ANSWERS, [str(booking_id(self.number))], everywhere=False)

    def predict(self, model: Model) -> str:
        reserved = super().predict(model)
        if reserved != "Done":
            return reserved
        Verdict(self.number, 0, self.accepted).predict(model)
        if not self.accepted:
            return "SlotNotOffered"
        confirmed = Confirm(self.number, self.email, self.by).predict(model)
        if confirmed != "Done":
            Release(self.number).predict(model)
        return confirmed
