"""What booking publishes has all that its domain holds."""

from dataclasses import fields

from contracts.booking import MeetingTypeCreated
from services.booking.domain import meeting_type


def test_every_setting_of_a_meeting_type_is_in_its_contract_event() -> None:
    settings = {field.name for field in fields(meeting_type.Settings)}
    # The first of each list is a field of its own in the store, the list is whole in the event.
    settings -= {"more_durations_minutes", "more_locations"}
    settings |= {"durations_minutes", "locations"}

    assert settings <= set(MeetingTypeCreated.model_fields)
