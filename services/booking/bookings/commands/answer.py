"""The organizer's answers: to a request, to a move that needs approval; and their own question."""

from collections.abc import Sequence
from dataclasses import replace

from services.booking.attendees.commands import publish_again
from services.booking.bookings.commands.records import with_reason
from services.booking.bookings.commands.release import return_use
from services.booking.bookings.context import BookingContext
from services.booking.bookings.streams import BookingChange
from services.booking.bookings.verdicts import SlotVerdict
from services.booking.domain import booking, page, private_link
from services.booking.domain.refusals import LinkEnded
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange


def approve(context: BookingContext, verdict: SlotVerdict) -> tuple[BookingContext, Append]:
    """Say yes; `verdict` is availability's newest on the time that is asked for."""
    approved = context.booking.decide(
        booking.ApproveBooking(
            by=context.owner.organizer_id,
            verdict=verdict.verdict,
            reasons=verdict.rejected_for,
            is_allowed=page.is_allowed(context.page.state) and not context.policy_in_doubt,
            at=context.now,
        )
    )
    changed = approved.after
    after = publish_again(
        context.attendee,
        booking.ics_sequence(changed.state),
        version=changed.version,
        at=context.now,
    )
    changes: list[AnyChange] = [approved, context.page.guard(), *_consume_use(context, approved)]
    append = store.prepare(context.key, changes, at=context.now, after=after)
    return context.after(approved), append


def decline(context: BookingContext, reason: str) -> tuple[BookingContext, Append]:
    """Say no; a booking that was to be moved stays as it was."""
    declined = context.booking.decide(booking.DeclineBooking(at=context.now))
    attendee, after = with_reason(context, declined, reason)
    changes = [declined, *return_use(context, declined)]
    append = store.prepare(context.key, changes, at=context.now, after=after)
    return replace(context.after(declined), attendee=attendee), append


def ask_to_move(context: BookingContext, reason: str) -> tuple[BookingContext, Append]:
    """Ask the attendee to choose another time; the booking is kept until they do."""
    asked = context.booking.decide(booking.AskToReschedule(by="organizer", at=context.now))
    attendee, after = with_reason(context, asked, reason)
    append = store.prepare(context.key, [asked], at=context.now, after=after)
    return replace(context.after(asked), attendee=attendee), append


def _consume_use(context: BookingContext, approved: BookingChange) -> Sequence[AnyChange]:
    """Return the change that consumes the link's use, if the approval books the meeting.

    A link that its organizer has withdrawn since has no use to consume: they approve all the same.
    Raises LinkEnded where others who shared its last use were booked first.
    """
    booked = any(isinstance(event, booking.BookingConfirmed) for event in approved.events)
    if context.link is None or not booked:
        return ()
    use = private_link.ConsumeUse(context.owner.booking_id, context.now)
    try:
        return [context.link.decide(use)]
    except LinkEnded as ended:
        if ended.reason == "consumed":
            raise
        return ()
