"""Editing the details of a booking: the attendee's record changes, the time does not."""

from dataclasses import replace

from services.booking.attendees.commands import store_details
from services.booking.bookings.context import BookingContext
from services.booking.domain import booking
from services.booking.domain.edits import Edit, changed_details, edited
from services.booking.domain.location import Location
from services.booking.domain.refusals import StateConflict
from services.booking.domain.slot import Party
from services.booking.store import store
from services.chassis.events.store import Append


def edit_details(
    context: BookingContext, edit: Edit, by: Party, expected: int | None
) -> tuple[BookingContext, Append]:
    """Edit the attendee's name and answers; raise Invalid, VersionMismatch, StateConflict."""
    record = context.attendee
    if record is None:
        raise StateConflict("There is no attendee whose details could be edited.")
    after = edited(record.attendee, edit, context.settings.questions, _location(context))
    changed = context.booking.decide(
        booking.ChangeDetails(
            changed=changed_details(record.attendee, after), by=by, at=context.now
        )
    ).expecting(expected)
    if not changed.events:
        return context, Append(context.key)
    record = replace(record, name=after.name, answers=after.answers)
    statements = store_details(
        record,
        booking.ics_sequence(changed.after.state),
        version=changed.after.version,
        at=context.now,
    )
    append = store.prepare(context.key, [changed], at=context.now, after=statements)
    return replace(context.after(changed), attendee=record), append


def _location(context: BookingContext) -> Location:
    """Return the place that was agreed."""
    match context.booking.state:
        case booking.Confirmed(meeting=meeting) | booking.Requested(meeting=meeting):
            return meeting.terms.location
        case _:
            return context.settings.location
