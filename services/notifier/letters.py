"""Contract events about bookings as letters to both parties: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from contracts import values
from contracts.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingDetailsChanged,
    BookingLapsed,
    BookingRequested,
    BookingRescheduled,
    RequestRescheduled,
    RescheduleApprovalRequested,
    RescheduleDeclined,
    RescheduleRequested,
    VerificationRequested,
)
from services.calendar_entry.details import Changer, InPerson, Online, Phone, Place, zone_shown
from services.notifier.domain.delivery import (
    CALENDAR_KINDS,
    RECIPIENTS,
    Kind,
    Recipient,
    occasion_of,
)
from services.notifier.domain.letters import Contact, Letter, Meeting, Slot
from services.notifier.domain.parties import Attendee, Organizer

BookingEvent = (
    BookingConfirmed
    | BookingRescheduled
    | BookingCancelled
    | BookingDetailsChanged
    | BookingRequested
    | RequestRescheduled
    | BookingDeclined
    | VerificationRequested
    | BookingLapsed
    | RescheduleRequested
    | RescheduleApprovalRequested
    | RescheduleDeclined
)

CONTRACTS: Mapping[Kind, type[BookingEvent]] = {
    "confirmation": BookingConfirmed,
    "change": BookingRescheduled,
    "cancellation": BookingCancelled,
    "details": BookingDetailsChanged,
    "request": BookingRequested,
    "request_change": RequestRescheduled,
    "decline": BookingDeclined,
    "verification": VerificationRequested,
    "lapse": BookingLapsed,
    "ask": RescheduleRequested,
    "move_request": RescheduleApprovalRequested,
    "move_decline": RescheduleDeclined,
}
# Nobody is asked for a reason: the one in the record belongs to another change.
_WITHOUT_REASON: frozenset[Kind] = frozenset({"confirmation", "details", "request", "verification"})
# Which details both parties' calendars show, or one of them acts on.
_SIGNIFICANT = frozenset({"name", "phone"})


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses that only the attendee gets."""

    manage: str
    verify: str


def stored_event(kind: Kind, body: Mapping[str, object]) -> BookingEvent:
    """Return the contract event that was kept as JSON."""
    return CONTRACTS[kind].model_validate(body, strict=False)


def recipients_of(event: BookingEvent) -> tuple[Recipient, ...]:
    """Return who is told of the event."""
    match event:
        case VerificationRequested() | RescheduleRequested():
            return ("attendee",)
        case BookingLapsed(reason=reason):
            return ("attendee",) if reason == "taken" else ()
        case BookingDetailsChanged(changed=changed):
            return RECIPIENTS if _SIGNIFICANT & set(changed) else ("organizer",)
        case _:
            return RECIPIENTS


def letter_of(
    *,
    recipient: Recipient,
    kind: Kind,
    event: BookingEvent,
    attendee: Attendee,
    organizer: Organizer,
    urls: Urls,
) -> Letter:
    """Return the letter that tells the recipient of the event."""
    to_attendee = recipient == "attendee"
    by = changer_of(event)
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
        manage_url=urls.manage if to_attendee and kind != "verification" else None,
        verify_url=urls.verify if kind == "verification" else None,
        by=by,
        change_reason=attendee.change_reason if by and kind not in _WITHOUT_REASON else None,
        old_slot=_old_slot(event),
        organizer_email=organizer.email,
        answers=() if to_attendee else attendee.answers,
        occasion=occasion_of(kind, event.version),
        outcome=_outcome(event),
        deadline=_deadline(event),
        wanted_slot=_wanted(event),
        has_calendar=kind in CALENDAR_KINDS
        and not (isinstance(event, BookingDetailsChanged) and not event.confirmed),
    )


def changer_of(event: BookingEvent) -> Changer | None:
    """Return who caused the event; None for a deadline."""
    match event:
        case BookingConfirmed(by=by):
            return by or "attendee"
        case BookingRequested() | VerificationRequested():
            return "attendee"
        case BookingLapsed():
            return None
        case _:
            return event.by


def _old_slot(event: BookingEvent) -> Slot | None:
    match event:
        case BookingRescheduled(from_=old) | RequestRescheduled(from_=old):
            return Slot(old.start, old.end)
        case _:
            return None


def _wanted(event: BookingEvent) -> Slot | None:
    match event:
        case RescheduleApprovalRequested(wanted=new) | RescheduleDeclined(wanted=new):
            return Slot(new.start, new.end)
        case _:
            return None


def _outcome(event: BookingEvent) -> str | None:
    match event:
        case BookingDeclined(reason=reason) | RescheduleDeclined(reason=reason):
            return reason
        case _:
            return None


def _deadline(event: BookingEvent) -> datetime | None:
    match event:
        case (
            BookingRequested(expires_at=deadline)
            | RequestRescheduled(expires_at=deadline)
            | VerificationRequested(expires_at=deadline)
            | RescheduleApprovalRequested(expires_at=deadline)
        ):
            return deadline
        case _:
            return None


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
        colour=event.colour,
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
