"""The calendar file of a booking to download: as the mailed one, but it asks nothing."""

from typing import assert_never
from uuid import UUID

from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext
from services.booking.domain import booking
from services.booking.domain.location import InPerson, Location, Online, Phone
from services.booking.domain.page import Page
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import NotFound, StateConflict
from services.booking.domain.slot import Party
from services.booking.tokens import Tokens
from services.calendar_entry import details, entry
from services.calendar_entry.booked import Booked, LastChange, entry_of
from services.calendar_entry.file import build


def calendar_file(context: BookingContext, recipient: Party, tokens: Tokens) -> bytes:
    """Return the recipient's file; raise StateConflict while there is no meeting to put into one.

    A mail that they had and this file give one entry, whichever is imported last.
    """
    booking_id, attendee = context.owner.booking_id, context.attendee
    state, page = context.booking.state, context.page.state
    if not isinstance(state, booking.Confirmed | booking.Cancelled):
        raise StateConflict("There is a calendar file once the booking is confirmed.")
    if attendee is None:
        raise StateConflict("The attendee was erased; there is no calendar file any more.")
    if not isinstance(page, Page):
        raise NotFound("page")
    profile = page.profile
    filed = entry_of(
        _booked(booking_id, state, attendee, profile, tokens),
        recipient,
        locale=attendee.locale if recipient == "attendee" else profile.locale,
        time_zone=details.zone_shown(
            recipient,
            attendee=attendee.time_zone,
            organizer=profile.time_zone,
            locked=profile.time_zone_locked,
        ),
    )
    return build(filed, method="PUBLISH", dtstamp=context.now)


def _booked(
    booking_id: UUID,
    state: booking.Confirmed | booking.Cancelled,
    attendee: AttendeeRecord,
    profile: Profile,
    tokens: Tokens,
) -> Booked:
    terms = state.meeting.terms
    return Booked(
        uid=booking.uid(booking_id),
        sequence=state.ics_sequence,
        start=state.slot.start,
        end=state.slot.end,
        title=terms.title,
        organizer=entry.Party(terms.organizer.display_name, terms.organizer.email),
        organizer_email=profile.email,
        attendee=entry.Party(attendee.name, attendee.email),
        place=_place(terms.location),
        join_url=terms.join_url,
        cancelled=isinstance(state, booking.Cancelled),
        change=_change(state.changed, attendee),
        answers=tuple(
            details.Answer(answer.question_id, answer.value, answer.label)
            for answer in attendee.answers
        ),
        manage_url=tokens.manage_url(booking_id),
        colour=terms.colour,
    )


def _change(changed: booking.LastChange | None, attendee: AttendeeRecord) -> LastChange | None:
    if changed is None:
        return None
    old = changed.old
    return LastChange(
        by=changed.by,
        reason=attendee.change_reason,
        before=(old.start, old.end) if old else None,
    )


def _place(location: Location) -> details.Place:
    match location:
        case InPerson(address):
            return details.InPerson(address)
        case Phone(who_calls, number):
            return details.Phone(who_calls, number)
        case Online():
            return details.Online()
        case _:
            assert_never(location)
