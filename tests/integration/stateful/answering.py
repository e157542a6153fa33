"""What availability and the organizer answer: verdicts, approvals, a question for another time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from contracts.availability import SlotAccepted, SlotRejected
from contracts.envelope import Envelope
from contracts.values import Reason
from services.booking.consumers import on_slot_accepted, on_slot_rejected
from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import Connection
from tests.integration.stateful.commands import ORGANIZER, OfBooking
from tests.integration.stateful.model import Booking, Model, Move
from tests.integration.stateful.process import Process

_REQUESTS = """
    SELECT id, data FROM events WHERE stream = %s AND type = 'SlotReserved' ORDER BY version
"""


@dataclass(frozen=True)
class Verdict(OfBooking):
    """Availability answers one of the booking's requests: late, or for the second time, too."""

    request: int
    accepted: bool

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the verdict on a request; on the newest one where a new booking was asked for."""
        aimed = super().aimed(model, numbers)
        if aimed is None:
            return None
        requests = aimed.of(model).requests
        request = aimed.request % len(requests)
        if not requests[request][1]:
            request = max(n for n, (_, is_move) in enumerate(requests) if not is_move)
        return replace(aimed, request=request)

    async def run(self, process: Process) -> object:
        async def work(connection: Connection) -> None:
            cursor = await connection.execute(_REQUESTS, (f"booking-{self.id}",))
            asked = (await cursor.fetchall())[self.request]
            slot, now = asked["data"]["slot"], datetime.now(UTC)
            kind = SlotAccepted if self.accepted else SlotRejected
            reasons = () if self.accepted else (Reason(rule="free", detail="Somebody is there."),)
            event = kind(
                booking_id=self.id,
                organizer_id=ORGANIZER,
                start=datetime.fromisoformat(slot["start"]),
                end=datetime.fromisoformat(slot["end"]),
                purpose=asked["data"]["purpose"],
                checked_at=now,
                reasons=reasons,
            )
            envelope = Envelope(
                id=f"{asked['id']}-verdict",
                type=f"bookwith.{kind.__name__}.v1",
                source="/bookwith/availability",
                subject=str(self.id),
                time=now,
                causation_id=str(asked["id"]),
            )
            if isinstance(event, SlotAccepted):
                await on_slot_accepted(connection, event, envelope)
            else:
                await on_slot_rejected(connection, event, envelope)

        await run_with_retries(process.database, work)
        return None

    def predict(self, model: Model) -> str:
        each = self.of(model)
        start, is_move = each.requests[self.request]
        if is_move and self.request != len(each.requests) - 1:
            return "Done"  # of a move that was asked for no more
        model.verdicts[self.booking, start] = self.accepted
        is_newest = each.move is not None and each.move.start == start
        if self.accepted and is_move and is_newest:
            complete_move(model, self.booking)
        elif not self.accepted and each.status == "held" and each.start == start:
            model.end(self.booking, "released", "rejected")
        elif not self.accepted and is_newest and each.move and not each.move.awaits_approval:
            each.move = None
        return "Done"


def complete_move(model: Model, number: int) -> None:
    """Make the move that availability has accepted, if it still may be made."""
    each, now = model.bookings[number], model.now
    move = each.move
    if move is None or move.awaits_approval:
        return
    settings = model.settings_of(each)
    if now >= move.expires_at or not model.is_open(move.by):
        each.move = None
    elif each.status == "requested":
        each.start, each.move = move.start, None
        each.expires_at = min(each.expires_at, move.start)
        model.keep(number)
    elif settings.approval_required and move.by == "attendee" and not each.asked_to_move:
        within = now + timedelta(minutes=settings.approval_deadline_minutes)
        until = min(within, move.start, each.start)
        each.move = Move(move.start, until, move.by, awaits_approval=True)
    else:
        make_move(model, number, move)


def make_move(model: Model, number: int, move: Move) -> None:
    """Let the meeting be at the new time."""
    each = model.bookings[number]
    each.start, each.move, each.asked_to_move = move.start, None, False
    each.sequence += 1
    model.keep(number)


@dataclass(frozen=True)
class Approve(OfBooking):
    """Say yes to a request, or to a move that needs it."""

    async def run(self, process: Process) -> object:
        return await process.answers.approve(self.id)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        if each.status == "confirmed" and not (each.move and each.move.awaits_approval):
            return "Done"
        if refused := refused_answer(model, each, approved=True):
            return refused
        wanted = each.move.start if each.move else each.start
        if not model.is_allowed:
            return "StateConflict"
        if model.verdicts.get((self.booking, wanted)) is False:
            return "SlotNotOffered"
        if each.status == "requested":
            if each.link is not None and model.links[each.link].is_used_up_by_others(self.booking):
                return "LinkEnded"
            each.status, each.move = "confirmed", None
            model.keep(self.booking)
            if each.link is not None and not model.links[each.link].is_closed_to(self.booking):
                model.consume(self.booking)
        elif each.move:
            make_move(model, self.booking, each.move)
        return "Done"


@dataclass(frozen=True)
class Decline(OfBooking):
    """Say no; a booking that was to be moved stays as it was."""

    async def run(self, process: Process) -> object:
        return await process.answers.decline(self.id, "")

    def predict(self, model: Model) -> str:
        each = self.of(model)
        if each.status == "declined" and each.reason == "declined":
            return "Done"
        if refused := refused_answer(model, each, approved=False):
            return refused
        if each.status == "requested":
            model.end(self.booking, "declined", "declined")
        each.move = None
        return "Done"


def refused_answer(model: Model, each: Booking, *, approved: bool) -> str:
    """Name why nothing can be answered; empty if something waits for an answer."""
    if each.status == "requested":
        return "RequestOver" if each.is_over(model.now) else ""
    if each.status != "confirmed" or not each.move or not each.move.awaits_approval:
        return "StateConflict"
    return "" if each.pending(model.now) else "RequestOver"


@dataclass(frozen=True)
class AskToMove(OfBooking):
    """The organizer asks the attendee to choose another time."""

    async def run(self, process: Process) -> object:
        return await process.answers.ask_to_move(self.id, "")

    def predict(self, model: Model) -> str:
        each = self.of(model)
        if each.status != "confirmed" or model.now >= each.start:
            return "StateConflict"
        each.asked_to_move = True
        return "Done"
