"""Booking's domain events as contract events: a pure function of one recorded event."""

from dataclasses import asdict
from typing import Any, assert_never
from uuid import UUID

import contracts.booking as contract
from contracts import values
from contracts.event import ContractEvent
from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.location import InPerson, Location, Online, Phone
from services.booking.domain.slot import Slot
from services.chassis.events.store import Recorded


def translate(recorded: Recorded[Any]) -> ContractEvent:
    """Return what subscribers see of the event."""
    match recorded.stream.partition("-")[0]:
        case "page":
            return _page(UUID(recorded.key), recorded.event)
        case "meeting_type":
            return _meeting_type(UUID(recorded.key), UUID(recorded.subject), recorded.event)
        case "private_link":
            return _private_link(UUID(recorded.key), UUID(recorded.subject), recorded.event)
        case _:
            return _booking(UUID(recorded.key), UUID(recorded.subject), recorded.event)


def _page(organizer_id: UUID, event: page.Event) -> ContractEvent:
    match event:
        case page.PageCreated(_, profile):
            return contract.PageCreated(organizer_id=organizer_id, **asdict(profile))
        case page.PageChanged(_, profile):
            return contract.PageChanged(organizer_id=organizer_id, **asdict(profile))
        case page.PagePublished():
            return contract.PagePublished(organizer_id=organizer_id)
        case page.PageUnpublished():
            return contract.PageUnpublished(organizer_id=organizer_id)
        case page.PageAddressRenewed(handle):
            return contract.PageAddressRenewed(organizer_id=organizer_id, handle=handle)
        case page.PageAllowed():
            return contract.PageAllowed(organizer_id=organizer_id)
        case page.PageDenied(rule):
            return contract.PageDenied(organizer_id=organizer_id, rule=rule)
        case _:
            assert_never(event)


def _meeting_type(organizer_id: UUID, id_: UUID, event: meeting_type.Event) -> ContractEvent:
    match event:
        case meeting_type.MeetingTypeCreated(_, zone, settings, revision):
            return contract.MeetingTypeCreated(
                **_whole_type(organizer_id, id_, zone, settings, revision)
            )
        case meeting_type.MeetingTypeChanged(_, zone, settings, revision):
            return contract.MeetingTypeChanged(
                **_whole_type(organizer_id, id_, zone, settings, revision)
            )
        case meeting_type.MeetingTypeDeleted():
            return contract.MeetingTypeDeleted(organizer_id=organizer_id, meeting_type_id=id_)
        case _:
            assert_never(event)


def _whole_type(
    organizer_id: UUID, id_: UUID, zone: str, settings: meeting_type.Settings, revision: int
) -> dict[str, Any]:
    return {
        **asdict(settings),
        "id": id_,
        "organizer_id": organizer_id,
        "organizer_time_zone": zone,
        "weekly_hours": contract.WeeklyHours(**asdict(settings.weekly_hours)),
        "location": location(settings.location),
        "revision": revision,
    }


def _private_link(organizer_id: UUID, link_id: UUID, event: private_link.Event) -> ContractEvent:
    about: dict[str, Any] = {"organizer_id": organizer_id, "link_id": link_id}
    match event:
        case private_link.PrivateLinkIssued(_, meeting_type_id, limits):
            return contract.PrivateLinkIssued(
                **about, meeting_type_id=meeting_type_id, **asdict(limits)
            )
        case private_link.PrivateLinkChanged(meeting_type_id, limits):
            return contract.PrivateLinkChanged(
                **about, meeting_type_id=meeting_type_id, **asdict(limits)
            )
        case private_link.LinkUseTaken(booking_id):
            return contract.LinkUseTaken(**about, booking_id=booking_id)
        case private_link.LinkUseReturned(booking_id):
            return contract.LinkUseReturned(**about, booking_id=booking_id)
        case private_link.LinkUseConsumed(booking_id):
            return contract.LinkUseConsumed(**about, booking_id=booking_id)
        case private_link.LinkExpired(meeting_type_id, reason, expired_at):
            return contract.LinkExpired(
                **about, meeting_type_id=meeting_type_id, reason=reason, expired_at=expired_at
            )
        case _:
            assert_never(event)


def _booking(organizer_id: UUID, booking_id: UUID, event: booking.Event) -> ContractEvent:
    about: dict[str, Any] = {"organizer_id": organizer_id, "booking_id": booking_id}
    match event:
        case booking.SlotReserved():
            return contract.SlotReserved(
                **about,
                meeting_type_id=event.meeting_type_id,
                start=event.slot.start,
                end=event.slot.end,
                expires_at=event.expires_at,
                purpose=event.purpose,
                link_id=event.link_id,
                by=event.by,
            )
        case booking.SlotReleased(_, slot, reason, purpose):
            return contract.SlotReleased(
                **about, start=slot.start, end=slot.end, reason=reason, purpose=purpose
            )
        case booking.BookingConfirmed(meeting, slot, ics_sequence):
            return contract.BookingConfirmed(
                **_whole_booking(booking_id, meeting, slot, ics_sequence)
            )
        case booking.BookingRescheduled(meeting, old, new, by, ics_sequence):
            return contract.BookingRescheduled(
                **_whole_booking(booking_id, meeting, new, ics_sequence),
                from_=values.Period(start=old.start, end=old.end),
                to=values.Period(start=new.start, end=new.end),
                by=by,
            )
        case booking.BookingCancelled(meeting, slot, by, ics_sequence):
            return contract.BookingCancelled(
                **_whole_booking(booking_id, meeting, slot, ics_sequence), by=by
            )
        case _:
            assert_never(event)


def _whole_booking(
    booking_id: UUID, meeting: booking.Meeting, slot: Slot, ics_sequence: int
) -> dict[str, Any]:
    return {
        "organizer_id": meeting.organizer_id,
        "booking_id": booking_id,
        "organizer": values.OrganizerContact(**asdict(meeting.terms.organizer)),
        "meeting_type_id": meeting.meeting_type_id,
        "title": meeting.terms.title,
        "attendee_id": meeting.attendee_id,
        "start": slot.start,
        "end": slot.end,
        "location": location(meeting.terms.location),
        "join_url": meeting.terms.join_url,
        "uid": booking.uid(booking_id),
        "ics_sequence": ics_sequence,
        "link_id": meeting.link_id,
    }


def location_told(held: Location, *, booked: bool) -> values.Location:
    """Return what an attendee may know of the location: how to join or call once it is booked."""
    match held:
        case Phone(who_calls, number):
            to_call = number if booked and who_calls == "attendee" else None
            return values.Phone(who_calls=who_calls, number=to_call)
        case Online(provider) if not booked:
            return values.Online(provider=provider)
        case _:
            return location(held)


def location(held: Location) -> values.Location:
    """Return the location as outsiders see it."""
    match held:
        case InPerson(address):
            return values.InPerson(address=address)
        case Phone(who_calls, number):
            return values.Phone(who_calls=who_calls, number=number or None)
        case Online(provider, url_template):
            return values.Online(provider=provider, url_template=url_template)
        case _:
            assert_never(held)
