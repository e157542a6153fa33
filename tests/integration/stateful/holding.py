"""What visitors do with a hold: confirm it, prove their address, release it, extend it."""

from dataclasses import dataclass
from datetime import timedelta

from services.booking.domain.attendee import Attendee
from services.booking.domain.slot import Party
from tests.integration.stateful.claiming import claimed
from tests.integration.stateful.commands import RELEASED, OfBooking
from tests.integration.stateful.model import Booking, Model
from tests.integration.stateful.process import Process


def attendee(email: str) -> Attendee:
    """Return the visitor who has that address."""
    return Attendee(name="Vera Visitor", email=email, time_zone="America/New_York", locale="en")


@dataclass(frozen=True)
class Confirm(OfBooking):
    """Confirm what is held; the verdict is there or not."""

    email: str
    by: Party

    async def run(self, process: Process) -> object:
        given = attendee(self.email)
        return await process.bookings.confirm(self.id, given, self.by, wait=False)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        booked = each.status in ("confirmed", "requested", "unverified")
        if each.email and (booked or each.status == "held") and each.email != self.email:
            return "StateConflict"
        if booked:
            return "Done"
        return confirm(model, self.booking, self.email, self.by)


def confirm(model: Model, number: int, email: str, by: Party) -> str:
    """Confirm the held booking in the model; name what should come of it."""
    each = model.bookings[number]
    if each.link is not None and model.links[each.link].is_closed_to(number):
        return "LinkEnded"
    if each.status != "held":
        return RELEASED[each.reason] if each.status == "released" else "StateConflict"
    if each.is_over(model.now):
        return "HoldOver"
    if not model.may_be_booked(each.kind, by):
        return "NotAvailable"
    accepted = model.verdicts.get((number, each.start))
    if not accepted:
        return "Pending" if accepted is None else "SlotNotOffered"
    settings = each.held_settings or model.settings_of(each)
    proves = by == "attendee" and settings.verification_required and not each.is_verified
    counts = by == "attendee" and not proves
    if counts and model.has_too_many(number, email):
        return "TooManyBookings"
    each.email = email
    if proves:
        each.status = "unverified"
        each.expires_at = min(model.now + model.prove_within, each.start)
    elif by == "attendee" and settings.approval_required:
        each.status = "requested"
        within = timedelta(minutes=settings.approval_deadline_minutes)
        each.expires_at = min(model.now + within, each.start)
        model.keep(number)
    else:
        each.status = "confirmed"
        model.keep(number)
        model.consume(number)
    return "Done"


@dataclass(frozen=True)
class Prove(OfBooking):
    """Open the mailed link: the address is proven, the time is asked for again."""

    async def run(self, process: Process) -> object:
        return await process.bookings.verify(self.id)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        match each.status:
            case "requested" | "confirmed":
                return "Done"
            case "released":
                return RELEASED[each.reason]
            case "held" if each.is_verified:
                return self._confirm(model, each)
            case "unverified":
                return self._hold_again(model, each)
            case _:
                return "StateConflict"

    def _confirm(self, model: Model, each: Booking) -> str:
        if each.is_over(model.now):
            return "HoldOver"
        outcome = confirm(model, self.booking, each.email, "attendee")
        if outcome not in ("Done", "Pending"):
            Release(self.booking).predict(model)
        return outcome

    def _hold_again(self, model: Model, each: Booking) -> str:
        if each.is_over(model.now):
            return "HoldOver"
        if not model.may_be_booked(each.kind, "attendee"):
            return "NotAvailable"
        if not claimed(model, each.start, each.minutes, self.booking):
            return "SlotTaken"
        if model.limit_reached(each.kind, each.start, self.booking):
            return "SlotNotOffered"
        each.status, each.is_verified, each.is_extended = "held", True, False
        each.expires_at = min(model.now + model.hold, each.start)
        each.held_settings = None  # not frozen again
        each.requests.append((each.start, False))
        model.verdicts.pop((self.booking, each.start), None)
        return self._confirm(model, each)


@dataclass(frozen=True)
class Release(OfBooking):
    """Give the held time up, or the new one of a move."""

    async def run(self, process: Process) -> object:
        return await process.bookings.release(self.id)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        match each.status:
            case "held":
                model.end(self.booking, "released", "released")
            case "unverified":
                model.end(self.booking, "released", "withdrawn")
            case "requested" | "confirmed" if each.move is None:
                return "StateConflict"
            case "requested" | "confirmed":
                each.move = None
        return "Done"


@dataclass(frozen=True)
class Extend(OfBooking):
    """Hold the time longer, once."""

    async def run(self, process: Process) -> object:
        return await process.bookings.extend(self.id)

    def predict(self, model: Model) -> str:
        each = self.of(model)
        if each.status == "released":
            return RELEASED[each.reason]
        if each.status == "held" and each.is_over(model.now):
            return "HoldOver"
        until = min(model.now + model.hold, each.start)
        if each.status != "held" or each.is_extended or until <= each.expires_at:
            return "StateConflict"
        each.is_extended, each.expires_at = True, until
        return "Done"
