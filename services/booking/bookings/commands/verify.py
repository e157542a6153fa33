"""An address is proven: the time is claimed again, and availability asked once more."""

from datetime import timedelta

from services.booking.bookings.commands.claiming import claiming_append
from services.booking.bookings.context import BookingContext
from services.booking.domain import booking, private_link
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange


def verify(context: BookingContext, hold: timedelta) -> tuple[BookingContext, Append]:
    """Claim the time for the attendee; the constraint on claims lets the first one through."""
    verified = context.booking.decide(
        booking.VerifyAddress(
            expires_at=context.now + hold,
            may_be_booked=context.may_be_booked("attendee"),
            at=context.now,
        )
    )
    if not verified.events:
        return context, Append(context.key)
    slot = booking.slot_of(context.booking.state)
    changes: list[AnyChange] = [verified, context.page.guard(), context.meeting_type.guard()]
    append = claiming_append(
        context.owner.booking_id,
        context.owner.organizer_id,
        slot,
        changes,
        at=context.now,
        after=context.times_within_limits(slot, "attendee"),
        offer_id=private_link.offer_of(context.link.state) if context.link else None,
    )
    return context.after_verification(verified), append
