"""Contract events about bookings as letters to both parties: pure."""

from collections.abc import Mapping
from typing import assert_never

from contracts import values
from contracts.booking import BookingCancelled, BookingConfirmed, BookingRescheduled
from services.calendar_entry.details import InPerson, Online, Phone, Place, zone_shown
from services.notifier.domain.delivery import Kind, Recipient
from services.notifier.domain.letters import Contact, Letter, Meeting, Slot
from services.notifier.domain.parties import Attendee, Organizer

BookingEvent = BookingConfirmed | BookingRescheduled | BookingCancelled

CONTRACTS: Mapping[Kind, type[BookingEvent]] = {
    "confirmation": BookingConfirmed,
    "change": BookingRescheduled,
    "cancellation": BookingCancelled,
}


def stored_event(kind: Kind, body: Mapping[str, object]) -> BookingEvent:
    """Return the contract event that was kept as JSON."""
    return CONTRACTS[kind].model_validate(body, strict=False)


def letter_of(
    *,
    recipient: Recipient,
    kind: Kind,
    event: BookingEvent,
    attendee: Attendee,
    organizer: Organizer,
    manage_url: str,
) -> Letter:
    """Return the letter that tells the recipient of the event."""
    to_attendee = recipient == "attendee"
    moved = event.from_ if isinstance(event, BookingRescheduled) else None
    by = None if isinstance(event, BookingConfirmed) else event.by
    return Letter(
        kind=kind,
        recipient=recipient,
        meeting=_meeting(event, attendee),
        locale=attendee.locale if to_attendee else organizer.locale,
        time_zone=zone_shown(
            recipient,
            attendee=attendee.time_zone,
            organizer=organizer.time_zone or event.organizer.time_zone,
            locked=organizer.time_zone_locked,
        ),
        manage_url=manage_url if to_attendee else None,
        by=by,
        change_reason=attendee.change_reason if by else None,
        old_slot=Slot(moved.start, moved.end) if moved else None,
        organizer_email=organizer.email,
        answers=() if to_attendee else attendee.answers,
    )


def _meeting(event: BookingEvent, attendee: Attendee) -> Meeting:
    return Meeting(
        booking_id=event.booking_id,
        uid=event.uid,
        ics_sequence=event.ics_sequence,
        title=event.title,
        slot=Slot(event.start, event.end),
        organizer=Contact(event.organizer.display_name, event.organizer.email),
        attendee=Contact(attendee.name, attendee.email),
        location=_location(event.location),
        join_url=event.join_url,
    )


def _location(held: values.Location) -> Place:
    match held:
        case values.InPerson(address=address):
            return InPerson(address)
        case values.Phone(who_calls=who_calls, number=number):
            return Phone(who_calls, number)
        case values.Online():
            return Online()
        case _:
            assert_never(held)
