"""What came of a command on a booking: the API and the pages translate the same outcome."""

from dataclasses import dataclass

from services.booking.bookings.views import BookingView
from services.booking.domain.refusals import Refusal
from services.booking.domain.slot import Slot


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked for is so."""

    view: BookingView


@dataclass(frozen=True, slots=True)
class Pending:
    """The time is held; availability has not answered yet."""

    view: BookingView


@dataclass(frozen=True, slots=True)
class TimeRefused:
    """The time is not to be had; `nearest` are the free times around it, as far as is known."""

    refusal: Refusal
    nearest: tuple[Slot, ...]


Outcome = Done | Pending | TimeRefused
