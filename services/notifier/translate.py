"""Contract events as letters, and what became of a letter as a contract event: pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

from contracts import values
from contracts.booking import BookingCancelled, BookingConfirmed, BookingRescheduled
from contracts.notifier import MailDelayed, MailFailed, MailSent, OfMail
from services.notifier.domain.attempts import Delayed, Failed, Outcome, Overtaken, Sent
from services.notifier.domain.delivery import Kind, Recipient
from services.notifier.domain.letters import (
    Contact,
    InPerson,
    Letter,
    Location,
    Meeting,
    Online,
    Phone,
    Slot,
)
from services.notifier.domain.parties import Attendee, Organizer

AboutBooking = BookingConfirmed | BookingRescheduled | BookingCancelled

CONTRACTS: Mapping[Kind, type[AboutBooking]] = {
    "confirmation": BookingConfirmed,
    "change": BookingRescheduled,
    "cancellation": BookingCancelled,
}


def stored(kind: Kind, body: Mapping[str, Any]) -> AboutBooking:
    """Return the contract event that was kept as JSON."""
    return CONTRACTS[kind].model_validate(body, strict=False)


def letter(
    recipient: Recipient,
    kind: Kind,
    event: AboutBooking,
    attendee: Attendee,
    organizer: Organizer,
    manage_url: str,
) -> Letter:
    """Return the letter that tells the recipient of the event."""
    to_attendee = recipient == "attendee"
    own_zone = to_attendee and not organizer.time_zone_locked
    moved = event.from_ if isinstance(event, BookingRescheduled) else None
    return Letter(
        kind=kind,
        recipient=recipient,
        meeting=_meeting(event, attendee),
        locale=attendee.locale if to_attendee else organizer.locale,
        time_zone=(
            attendee.time_zone if own_zone else organizer.time_zone or event.organizer.time_zone
        ),
        manage_url=manage_url if to_attendee else None,
        by=None if isinstance(event, BookingConfirmed) else event.by,
        change_reason=attendee.change_reason if kind != "confirmation" else None,
        old_slot=Slot(moved.start, moved.end) if moved else None,
        organizer_email=organizer.email,
    )


def told(
    outcome: Outcome, about: Mapping[str, Any], at: datetime, next_attempt_at: datetime
) -> OfMail | None:
    """Return what subscribers hear of the outcome; `about` names the mail and the attempt."""
    match outcome:
        case Sent():
            return MailSent(**about, sent_at=at)
        case Delayed(cause):
            return MailDelayed(**about, cause=cause, next_attempt_at=next_attempt_at)
        case Failed(cause):
            return MailFailed(**about, cause=cause, failed_at=at)
        case Overtaken():
            return None  # the letter of the later version tells more
        case _:
            assert_never(outcome)


def _meeting(event: AboutBooking, attendee: Attendee) -> Meeting:
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


def _location(held: values.Location) -> Location:
    match held:
        case values.InPerson(address=address):
            return InPerson(address)
        case values.Phone(who_calls=who_calls, number=number):
            return Phone(who_calls, number)
        case values.Online():
            return Online()
        case _:
            assert_never(held)
