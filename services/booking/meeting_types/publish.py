"""A meeting type's events as contract events."""

from dataclasses import asdict
from typing import assert_never
from uuid import UUID

import contracts.booking as contract
from contracts import values
from contracts.event import ContractEvent
from services.booking.domain import meeting_type
from services.booking.domain.location import InPerson, Location, Online, Phone
from services.chassis.events.streams import Recorded


def publish(recorded: Recorded[meeting_type.Event]) -> ContractEvent:
    """Return what subscribers see of the event."""
    organizer_id, id_ = UUID(recorded.key), UUID(recorded.subject)
    match recorded.event:
        case meeting_type.MeetingTypeCreated() as event:
            return _whole_type(contract.MeetingTypeCreated, id_, event)
        case meeting_type.MeetingTypeChanged() as event:
            return _whole_type(contract.MeetingTypeChanged, id_, event)
        case meeting_type.MeetingTypeDeleted():
            return contract.MeetingTypeDeleted(organizer_id=organizer_id, meeting_type_id=id_)
        case event:
            assert_never(event)


def _whole_type(
    kind: type[contract.MeetingTypeCreated] | type[contract.MeetingTypeChanged],
    id_: UUID,
    event: meeting_type.MeetingTypeCreated | meeting_type.MeetingTypeChanged,
) -> ContractEvent:
    settings = event.settings
    return kind(
        **{
            **asdict(settings),
            "durations_minutes": settings.durations_minutes,
            "weekly_hours": contract.WeeklyHours(**asdict(settings.weekly_hours)),
            "date_overrides": {each.date: each.ranges for each in settings.date_overrides},
            "location": location_value(settings.location),
            "locations": tuple(map(location_value, settings.locations)),
            "questions": tuple(contract.Question(**asdict(each)) for each in settings.questions),
            "reminders": tuple(contract.Reminder(**asdict(each)) for each in settings.reminders),
        },
        id=id_,
        organizer_id=event.organizer_id,
        organizer_time_zone=event.organizer_time_zone,
        revision=event.revision,
    )


def location_value(location: Location) -> values.Location:
    """Return the location as contract events carry it."""
    match location:
        case InPerson(address):
            return values.InPerson(address=address)
        case Phone(who_calls, number):
            return values.Phone(who_calls=who_calls, number=number or None)
        case Online(provider, url_template):
            return values.Online(provider=provider, url_template=url_template)
        case _:
            assert_never(location)
