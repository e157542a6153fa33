"""The attendee's record as it goes with a change: the reason is kept there, and it is published."""

from collections.abc import Sequence

from services.booking.attendees.commands import keep_change_reason, with_change_reason
from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext
from services.booking.bookings.streams import BookingChange
from services.booking.domain import booking
from services.chassis.postgres.database import Statement


def with_reason(
    context: BookingContext, change: BookingChange, reason: str
) -> tuple[AttendeeRecord | None, Sequence[Statement]]:
    """Return the record with the reason of the change, and what keeps and publishes it.

    A change without events leaves both as they are. Raise Invalid for a faulty reason.
    """
    changed, attendee = change.after, with_change_reason(context.attendee, reason)
    if not change.events:
        return context.attendee, ()
    sequence = booking.ics_sequence(changed.state)
    return attendee, keep_change_reason(attendee, sequence, version=changed.version, at=context.now)
