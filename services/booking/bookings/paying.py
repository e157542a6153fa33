"""What visitors pay out of their budgets for a decision, before it is carried out."""

from collections.abc import Callable

from services.booking.bookings.context import BookingContext
from services.booking.bookings.reservation import Reservation, ReservationContext
from services.booking.budgets import give_hold_back, spend_organizer, spend_reservation
from services.booking.domain import booking
from services.chassis.events.store import Append

Decision = Callable[[BookingContext], tuple[BookingContext, Append]]


def paid(decide: Decision) -> Decision:
    """Return the decision with its price: a share of what visitors may ask of the organizer."""

    def paying(context: BookingContext) -> tuple[BookingContext, Append]:
        spend_organizer(context.owner.organizer_id)
        return decide(context)

    return paying


def pay_reservation(context: ReservationContext, asked: Reservation) -> None:
    """Spend what the reservation costs; a hold in the place of another one costs no more holds."""
    spend_reservation(
        context.organizer_id, asked.link_id, replaces_hold=asked.instead_of is not None
    )


class EndedHold:
    """Gives a hold back to its visitor once a decision has ended it."""

    def __init__(self) -> None:
        self._was_held = False

    def by(self, decide: Decision) -> Decision:
        """Return the decision; whether there was a hold to be ended is noted."""

        def noting(context: BookingContext) -> tuple[BookingContext, Append]:
            self._was_held = isinstance(context.booking.state, booking.Held)
            return decide(context)

        return noting

    def give_back(self) -> None:
        """Give it back, if there was one."""
        if self._was_held:
            give_hold_back()
