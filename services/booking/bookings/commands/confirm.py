"""Confirming a held booking for its attendee."""

from uuid import UUID

from services.booking.attendees.commands import record_attendee
from services.booking.attendees.records import AttendeeRecord, attendee_of
from services.booking.bookings.context import BookingContext, load_booking
from services.booking.bookings.verdicts import verdict_on
from services.booking.domain import booking, page, private_link
from services.booking.domain.attendee import (
    Attendee,
    refuse_if_faulty,
    refuse_if_other,
)
from services.booking.domain.location import join_url
from services.booking.domain.refusals import NotAvailable
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection


async def confirm_booking(connection: Connection, booking_id: UUID, attendee: Attendee) -> None:
    """Confirm the held booking for the attendee, if its link, its page and the verdict allow."""
    context = await load_booking(connection, booking_id)
    refuse_if_faulty(attendee, context.settings.location)
    if isinstance(context.booking.state, booking.Confirmed):
        if recorded := await attendee_of(connection, booking_id):
            refuse_if_other(attendee, recorded.attendee)
        return
    slot = booking.slot_of(context.booking.state)
    given = await verdict_on(connection, booking_id, slot.start)
    terms = _terms(context)
    attendee_id = new_id()
    confirmed = context.booking.decide(
        booking.ConfirmBooking(
            attendee_id=attendee_id,
            terms=terms,
            verdict=given.verdict,
            reasons=given.rejected_for,
            may_be_booked=context.is_offered,
            at=context.now,
        )
    )
    changes: list[AnyChange] = [confirmed, context.page.guard(), context.meeting_type.guard()]
    if context.link:
        changes.append(context.link.decide(private_link.ConsumeUse(booking_id, context.now)))
    record = AttendeeRecord(
        id=attendee_id,
        booking_id=booking_id,
        organizer_id=context.owner.organizer_id,
        name=attendee.name,
        email=attendee.email,
        time_zone=attendee.time_zone or terms.organizer.time_zone,
        locale=attendee.locale,
        answers=attendee.answers,
    )
    await store.append(
        connection,
        context.key,
        changes,
        at=context.now,
        after=record_attendee(record, at=context.now),
    )


def _terms(context: BookingContext) -> booking.Terms:
    owner, settings = context.page.state, context.settings
    if not isinstance(owner, page.Page):
        raise NotAvailable
    profile = owner.profile
    return booking.Terms(
        organizer=booking.Contact(
            display_name=profile.display_name, email=profile.email, time_zone=profile.time_zone
        ),
        title=settings.title,
        location=settings.location,
        join_url=join_url(settings.location, context.owner.booking_id),
    )
