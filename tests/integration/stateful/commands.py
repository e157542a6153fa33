"""What a command of the stateful test is: what it does to the service, what it should come to."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from services.booking.bookings.outcomes import Pending, TimeRefused
from services.booking.domain.refusals import Refusal
from tests.builders import ANNA
from tests.integration.stateful.model import Booking, Model
from tests.integration.stateful.process import Process

ORGANIZER = ANNA
KINDS = ("plain", "approved", "verified", "private")


def booking_id(number: int) -> UUID:
    """Return the id of the booking with that number."""
    return UUID(f"b0000000-0000-7000-8000-{number:012}")


def link_id(number: int) -> UUID:
    """Return the id of the link with that number."""
    return UUID(f"11c00000-0000-7000-8000-{number:012}")


def kind_id(name: str) -> UUID:
    """Return the id of the meeting type."""
    return UUID(f"c0ffee00-0000-7000-8000-{KINDS.index(name):012}")


def named(outcome: object) -> str:
    """Return the short name of what came of a command."""
    match outcome:
        case TimeRefused(refusal=refusal):
            return type(refusal).__name__
        case Refusal():
            return type(outcome).__name__
        case Pending():
            return "Pending"
        case _:
            return "Done"


class Command(ABC):
    """Something that somebody does."""

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the command about something that is there; None when there is no such thing."""
        return self

    async def outcome(self, process: Process) -> str:
        """Do it in that process, and name what came of it."""
        try:
            return named(await self.run(process))
        except Refusal as refused:
            return named(refused)

    @abstractmethod
    async def run(self, process: Process) -> object:
        """Do it."""

    @abstractmethod
    def predict(self, model: Model) -> str:
        """Name what should come of it, and leave the model as it should be then."""

    def predictions(self, model: Model) -> list[tuple[str, Model]]:
        """Return what may come of it, each with a model of its own."""
        after = model.copy()
        return [(self.predict(after), after)]


@dataclass(frozen=True)
class OfBooking(Command):
    """A command on a booking: until it is aimed, `booking` counts back from the newest one."""

    booking: int

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the command on one of the bookings that are there."""
        there = sorted(model.bookings, reverse=True)
        return replace(self, booking=there[self.booking % len(there)]) if there else None

    @property
    def id(self) -> UUID:
        return booking_id(self.booking)

    def of(self, model: Model) -> Booking:
        """Return the booking."""
        return model.bookings[self.booking]


# What a command is refused with on a booking that was released, by the reason.
RELEASED = {
    "policy_disabled": "NotAvailable",
    "rejected": "SlotNotOffered",
    "taken": "SlotTaken",
    "timeout": "HoldOver",
    "released": "HoldOver",
    "withdrawn": "HoldOver",
}
