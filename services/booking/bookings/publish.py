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
    uid: str
    ics_sequence: int
    link_id: UUID | None
    attendee_recorded: bool


def publish(recorded: Recorded[booking.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id, booking_id = UUID(recorded.key), UUID(recorded.subject)
    match recorded.event:
        case booking.SlotReserved() as event:
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
            )
        case booking.HoldExtended() as event:
            return contract.HoldExtended(
                organizer_id=organizer_id,
                booking_id=booking_id,
                start=event.slot.start,
                end=event.slot.end,
                expires_at=event.expires_at,
            )
        case booking.SlotReleased() as event:
            return contract.SlotReleased(
                organizer_id=organizer_id,
                booking_id=booking_id,
                start=event.slot.start,
                end=event.slot.end,
                reason=event.reason,
                purpose=event.purpose,
            )
        case booking.BookingConfirmed() as event:
            return contract.BookingConfirmed(
                **_whole(booking_id, event.meeting, event.slot, event.ics_sequence)
            )
        case booking.BookingRescheduled() as event:
            return contract.BookingRescheduled(
                **_whole(booking_id, event.meeting, event.new, event.ics_sequence),
                from_=_period(event.old),
                to=_period(event.new),
                by=event.by,
            )
        case booking.BookingCancelled() as event:
            return contract.BookingCancelled(
                **_whole(booking_id, event.meeting, event.slot, event.ics_sequence), by=event.by
            )
        case event:
            assert_never(event)


def _whole(
    booking_id: UUID, meeting: booking.Meeting, slot: Slot, ics_sequence: int
) -> _WholeBooking:
    terms = meeting.terms
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
        "uid": booking.uid(booking_id),
        "ics_sequence": ics_sequence,
        "link_id": meeting.link_id,
        # Each of these events is appended together with the attendee's record.
        "attendee_recorded": True,
    }


def _period(slot: Slot) -> Period:
    return Period(start=slot.start, end=slot.end)
