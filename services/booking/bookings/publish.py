"""A booking's events as contract events."""

from dataclasses import asdict
from datetime import datetime
from typing import TypedDict, assert_never
from uuid import UUID

import contracts.booking as contract
from contracts.event import ContractEvent
from contracts.values import Location, OrganizerContact, Period
from services.booking.domain import booking
from services.booking.domain.slot import Slot
from services.booking.meeting_types.publish import location_value
from services.chassis.events.streams import Recorded


class _WholeBooking(TypedDict):
    """The fields of every event about an agreed meeting: subscribers need no further request."""

    organizer_id: UUID
    booking_id: UUID
    organizer: OrganizerContact
    meeting_type_id: UUID
    title: str
    attendee_id: UUID
    start: datetime
    end: datetime
    location: Location
    join_url: str | None
    colour: str | None
    uid: str
    ics_sequence: int
    link_id: UUID | None
    approved_by: UUID | None
    attendee_recorded: bool
    version: int


def publish(recorded: Recorded[booking.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    match recorded.event:
        case booking.SlotReserved() | booking.SlotReleased() | booking.HoldExtended() as event:
            return _of_hold(UUID(recorded.key), UUID(recorded.subject), event)
        case (
            booking.VerificationRequested()
            | booking.AddressVerified()
            | booking.BookingLapsed()
            | booking.BookingRequested()
            | booking.RequestRescheduled()
            | booking.BookingDeclined()
        ) as event:
            return _before_a_meeting(recorded, event)
        case booking.BookingConfirmed(approved_by=approver, by=by) as event:
            return contract.BookingConfirmed(**_as_is(recorded, event, approver), by=by)
        case booking.BookingRescheduled() as event:
            return contract.BookingRescheduled(
                **_whole(recorded, event.meeting, event.new, event.ics_sequence, event.approved_by),
                from_=_period(event.old),
                to=_period(event.new),
                by=event.by,
            )
        case booking.RescheduleApprovalRequested() | booking.RescheduleDeclined() as event:
            return _about_a_move(recorded, event)
        case booking.RescheduleRequested(by=by) as event:
            return contract.RescheduleRequested(**_as_is(recorded, event), by=by)
        case booking.BookingDetailsChanged() as event:
            return contract.BookingDetailsChanged(
                **_as_is(recorded, event),
                by=event.by,
                changed=event.changed,
                confirmed=event.confirmed,
            )
        case booking.BookingCancelled() as event:
            return contract.BookingCancelled(**_as_is(recorded, event), by=event.by)
        case event:
            assert_never(event)


def _before_a_meeting(
    recorded: Recorded[booking.Event],
    event: booking.VerificationRequested
    | booking.AddressVerified
    | booking.BookingLapsed
    | booking.BookingRequested
    | booking.RequestRescheduled
    | booking.BookingDeclined,
) -> ContractEvent:
    match event:
        case booking.VerificationRequested(expires_at=deadline):
            return contract.VerificationRequested(**_as_is(recorded, event), expires_at=deadline)
        case booking.AddressVerified():
            return contract.AddressVerified(**_as_is(recorded, event))
        case booking.BookingLapsed(reason=reason):
            return contract.BookingLapsed(**_as_is(recorded, event), reason=reason)
        case booking.BookingRequested(expires_at=deadline):
            return contract.BookingRequested(**_as_is(recorded, event), expires_at=deadline)
        case booking.RequestRescheduled(by=by, expires_at=deadline):
            return contract.RequestRescheduled(
                **_whole(recorded, event.meeting, event.new, 0),
                from_=_period(event.old),
                to=_period(event.new),
                by=by,
                expires_at=deadline,
            )
        case booking.BookingDeclined(by=decliner, reason=why):
            return contract.BookingDeclined(**_as_is(recorded, event), by=decliner, reason=why)
        case _:
            assert_never(event)


def _about_a_move(
    recorded: Recorded[booking.Event],
    event: booking.RescheduleApprovalRequested | booking.RescheduleDeclined,
) -> ContractEvent:
    match event:
        case booking.RescheduleApprovalRequested(by=by, expires_at=deadline):
            return contract.RescheduleApprovalRequested(
                **_as_is(recorded, event),
                wanted=_period(event.wanted),
                by=by,
                expires_at=deadline,
            )
        case booking.RescheduleDeclined(by=decliner, reason=why):
            return contract.RescheduleDeclined(
                **_as_is(recorded, event), wanted=_period(event.wanted), by=decliner, reason=why
            )
        case _:
            assert_never(event)


def _of_hold(
    organizer_id: UUID,
    booking_id: UUID,
    event: booking.SlotReserved | booking.SlotReleased | booking.HoldExtended,
) -> ContractEvent:
    match event:
        case booking.SlotReserved():
            return contract.SlotReserved(
                organizer_id=organizer_id,
                booking_id=booking_id,
                meeting_type_id=event.meeting_type_id,
                start=event.slot.start,
                end=event.slot.end,
                expires_at=event.expires_at,
                purpose=event.purpose,
                link_id=event.link_id,
                by=event.by,
                asked_at=event.asked_at,
            )
        case booking.HoldExtended():
            return contract.HoldExtended(
                organizer_id=organizer_id,
                booking_id=booking_id,
                start=event.slot.start,
                end=event.slot.end,
                expires_at=event.expires_at,
            )
        case booking.SlotReleased():
            return contract.SlotReleased(
                organizer_id=organizer_id,
                booking_id=booking_id,
                start=event.slot.start,
                end=event.slot.end,
                reason=event.reason,
                purpose=event.purpose,
            )
        case _:
            assert_never(event)


# The events whose body is the booking at their `slot`.
_AtSlot = (
    booking.VerificationRequested
    | booking.AddressVerified
    | booking.BookingLapsed
    | booking.BookingRequested
    | booking.BookingDeclined
    | booking.BookingConfirmed
    | booking.RescheduleApprovalRequested
    | booking.RescheduleDeclined
    | booking.RescheduleRequested
    | booking.BookingDetailsChanged
    | booking.BookingCancelled
)
# Before there is a calendar entry its version is that of the first one.
_NO_ENTRY = (
    booking.VerificationRequested
    | booking.AddressVerified
    | booking.BookingLapsed
    | booking.BookingRequested
    | booking.BookingDeclined
)


def _as_is(
    recorded: Recorded[booking.Event], event: _AtSlot, approved_by: UUID | None = None
) -> _WholeBooking:
    sequence = 0 if isinstance(event, _NO_ENTRY) else event.ics_sequence
    return _whole(recorded, event.meeting, event.slot, sequence, approved_by)


def _whole(
    recorded: Recorded[booking.Event],
    meeting: booking.Meeting,
    slot: Slot,
    ics_sequence: int,
    approved_by: UUID | None = None,
) -> _WholeBooking:
    terms, booking_id = meeting.terms, UUID(recorded.subject)
    return {
        "organizer_id": meeting.organizer_id,
        "booking_id": booking_id,
        "organizer": OrganizerContact(**asdict(terms.organizer)),
        "meeting_type_id": meeting.meeting_type_id,
        "title": terms.title,
        "attendee_id": meeting.attendee_id,
        "start": slot.start,
        "end": slot.end,
        "location": location_value(terms.location),
        "join_url": terms.join_url,
        "colour": terms.colour,
        "uid": booking.uid(booking_id),
        "ics_sequence": ics_sequence,
        "link_id": meeting.link_id,
        "approved_by": approved_by,
        # Each of these events is appended together with the attendee's record.
        "attendee_recorded": True,
        "version": recorded.version,
    }


def _period(slot: Slot) -> Period:
    return Period(start=slot.start, end=slot.end)
