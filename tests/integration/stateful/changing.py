"""What becomes of a booking: it is moved, or cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.booking.domain.meeting_type import notice
from services.booking.domain.slot import Party
from tests.integration.stateful.claiming import claimed, may_be_asked_for
from tests.integration.stateful.commands import OfBooking
from tests.integration.stateful.model import Booking, Model, Move
from tests.integration.stateful.process import Process


def is_too_late(model: Model, each: Booking, by: Party) -> bool:
    """Tell whether an attendee may not change the meeting any more."""
    cutoff = timedelta(minutes=notice(model.settings_of(each)).cutoff_minutes)
    return by == "attendee" and (model.now > each.start - cutoff or model.now >= each.start)


@dataclass(frozen=True)
class MoveTo(OfBooking):
    """Ask for another time, whose verdict comes later."""

    start: datetime
    by: Party

    async def run(self, process: Process) -> object:
        return await process.bookings.move(self.id, self.start, self.by, "", wait=False)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        if each.status not in ("requested", "confirmed"):
            return "StateConflict"
        if each.is_over(model.now):
            return "RequestOver"
        if self.start == each.start:
            each.move = None
            return "Done"
        pending = each.pending(model.now)
        if pending and pending.start == self.start:
            return "Pending"
        if refused := self._refused(model, each):
            return refused
        each.move = Move(self.start, min(model.now + model.hold, self.start), self.by)
        each.requests.append((self.start, True))
        model.verdicts.pop((self.booking, self.start), None)
        return "Pending"

    def _refused(self, model: Model, each: Booking) -> str:
        settings = model.settings_of(each)
        if not model.is_open(self.by):
            return "NotAvailable"
        was_asked = each.status == "confirmed" and each.asked_to_move
        if not was_asked and is_too_late(model, each, self.by):
            return "ChangeTooLate"
        if not may_be_asked_for(model, self.start, self.by, settings):
            return "SlotNotOffered"
        if not claimed(model, self.start, each.minutes, self.booking):
            return "SlotTaken"
        full = self.by == "attendee" and model.limit_reached(each.kind, self.start, self.booking)
        return "SlotNotOffered" if full else ""


@dataclass(frozen=True)
class Cancel(OfBooking):
    """Call the meeting off, withdraw the request."""

    by: Party

    async def run(self, process: Process) -> object:
        return await process.bookings.cancel(self.id, self.by, "")

    def predict(self, model: Model) -> str:
        each = self.of(model)
        match each.status, each.reason:
            case "cancelled", _:
                return "Done"
            case "declined", "declined":
                return "Done"
            case "unverified", _:
                model.end(self.booking, "released", "withdrawn")
            case "requested", _ if each.is_over(model.now):
                return "RequestOver"
            case "requested", _ if self.by == "attendee":
                model.end(self.booking, "cancelled", "withdrawn")
            case "requested", _:
                model.end(self.booking, "declined", "declined")
            case "confirmed", _ if is_too_late(model, each, self.by):
                return "ChangeTooLate"
            case "confirmed", _:
                model.end(self.booking, "cancelled", "")
                each.sequence += 1
            case _:
                return "StateConflict"
        return "Done"
