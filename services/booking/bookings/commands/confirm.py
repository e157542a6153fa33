"""Confirming a held booking for its attendee."""

from dataclasses import replace
from datetime import timedelta

from services.booking.attendees.commands import publish_again, record_attendee
from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext
from services.booking.bookings.limits import attendee_within
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
from services.booking.domain.refusals import HoldOver, NotAvailable
from services.booking.domain.slot import Party
from services.booking.store import store
from services.chassis.events.store import Append
from services.chassis.events.streams import Aggregate, AnyChange
from services.chassis.ids import new_id

# What a confirmation that is sent again finds.
_CONFIRMED = booking.Confirmed | booking.Requested | booking.Unverified


def confirm(
    context: BookingContext, attendee: Attendee, by: Party, prove_within: timedelta
) -> tuple[BookingContext, Append]:
    """Confirm the held booking for the attendee, if its link, its page and the verdict allow.

    What was asked, and which places there were, is as it was when the time was held. Where the
    meeting type asks for it, the booking waits for the attendee's address to be proven within that
    time, and for the organizer's approval.
    """
    refuse_if_faulty(attendee)
    state, before = context.booking.state, context.attendee
    if before and isinstance(state, booking.Held | _CONFIRMED):  # confirmed, or proven, already
        refuse_if_other(attendee, before.attendee)
    if isinstance(state, _CONFIRMED):
        return context, Append(context.key)
    if by == "attendee":
        _refuse_if_not_for(context, attendee)
    held = context.held_settings
    location = chosen_location(held, attendee.location_index)
    if isinstance(state, booking.Held):
        attendee = asked(attendee, held.questions, location)
    terms, record = _terms(context, location), before or _record(context, attendee)
    return _confirm(context, record, terms, by, prove_within)


def confirm_verified(context: BookingContext) -> tuple[BookingContext, Append]:
    """Confirm the time that is held again for an attendee who has proven their address."""
    state = context.booking.state
    if not isinstance(state, booking.Held) or state.verified is None:
        return context, Append(context.key)
    if context.attendee is None:
        raise HoldOver  # erased meanwhile
    return _confirm(context, context.attendee, state.verified.terms, "attendee", timedelta())


def _confirm(
    context: BookingContext,
    record: AttendeeRecord,
    terms: booking.Terms,
    by: Party,
    prove_within: timedelta,
) -> tuple[BookingContext, Append]:
    settings, now, booking_id = context.held_settings, context.now, context.owner.booking_id
    if context.link:  # says more than that the hold is over
        private_link.refuse_if_closed(context.link.state, booking_id)
    confirmed = context.booking.decide(
        booking.ConfirmBooking(
            attendee_id=record.id,
            terms=terms,
            verdict=context.verdict.verdict,
            reasons=context.verdict.rejected_for,
            may_be_booked=context.may_be_booked(by),
            by=by,
            prove_by=now + prove_within if settings.verification_required else None,
            answer_by=now + timedelta(minutes=settings.approval_deadline_minutes)
            if settings.approval_required
            else None,
            at=now,
        )
    )
    changes: list[AnyChange] = [confirmed, context.page.guard(), context.meeting_type.guard()]
    if context.link and isinstance(confirmed.after.state, booking.Confirmed):
        changes.append(context.link.decide(private_link.ConsumeUse(booking_id, now)))
    version = confirmed.after.version
    if context.attendee:
        after = publish_again(record, 0, version=version, at=now)
    else:
        after = record_attendee(record, version=version, at=now)
    # An address that is not proven counts for nobody, nor is it told what that person has booked.
    if by == "attendee" and not isinstance(confirmed.after.state, booking.Unverified):
        after = [*after, *attendee_within(context.counted, record.email, context.settings)]
    append = store.prepare(context.key, changes, at=now, after=after)
    return replace(context.after(confirmed), attendee=record), append


def _refuse_if_not_for(context: BookingContext, attendee: Attendee) -> None:
    """Raise Invalid for somebody whom the link is not for."""
    match context.link:
        case Aggregate(state=private_link.Link(limits=limits)) if limits.for_addressees:
            private_link.refuse_if_not_addressed(context.link_details, attendee.email)


def _record(context: BookingContext, attendee: Attendee) -> AttendeeRecord:
    return AttendeeRecord(
        id=new_id(),
        booking_id=context.owner.booking_id,
        organizer_id=context.owner.organizer_id,
        name=attendee.name,
        email=attendee.email,
        time_zone=attendee.time_zone or page.time_zone(context.page.state),
        locale=attendee.locale,
        answers=attendee.answers,
    )


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
        colour=context.settings.colour,
    )
