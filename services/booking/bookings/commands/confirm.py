"""Confirming a held booking for its attendee."""

from dataclasses import replace

from services.booking.attendees.commands import record_attendee
from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext
from services.booking.domain import booking, page, private_link
from services.booking.domain.attendee import (
    Attendee,
    asked,
    refuse_if_faulty,
    refuse_if_other,
)
from services.booking.domain.location import Location
from services.booking.domain.meeting_type import chosen_location
from services.booking.domain.online_meeting import meeting_url
from services.booking.domain.refusals import NotAvailable
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.events.streams import AnyChange
from services.chassis.ids import new_id


def confirm(context: BookingContext, attendee: Attendee) -> tuple[BookingContext, Append]:
    """Confirm the held booking for the attendee, if its link, its page and the verdict allow.

    What was asked, and which places there were, is as it was when the time was held.
    """
    refuse_if_faulty(attendee)
    if isinstance(context.booking.state, booking.Confirmed):
        if context.attendee:
            refuse_if_other(attendee, context.attendee.attendee)
        return context, Append(context.key)
    held = context.held_settings
    location = chosen_location(held, attendee.location_index)
    if isinstance(context.booking.state, booking.Held):
        attendee = asked(attendee, held.questions, location)
    booking_id, terms = context.owner.booking_id, _terms(context, location)
    attendee_id = new_id()
    confirmed = context.booking.decide(
        booking.ConfirmBooking(
            attendee_id=attendee_id,
            terms=terms,
            verdict=context.verdict.verdict,
            reasons=context.verdict.rejected_for,
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
    after = record_attendee(record, at=context.now)
    append = store.prepare(context.key, changes, at=context.now, after=after)
    return replace(context.after(confirmed), attendee=record), append


def _terms(context: BookingContext, location: Location) -> booking.Terms:
    owner = context.page.state
    if not isinstance(owner, page.Page):
        raise NotAvailable
    profile = owner.profile
    return booking.Terms(
        organizer=booking.Contact(
            display_name=profile.display_name, email=profile.email, time_zone=profile.time_zone
        ),
        title=context.settings.title,
        location=location,
        join_url=meeting_url(location, owner.online_meeting, context.owner.booking_id),
    )
