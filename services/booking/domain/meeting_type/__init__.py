"""A meeting type: what an organizer offers, how long, where, when and to whom.

What the organizer decides is in `settings`, the ranges of it in `rules`, the life of a type in
`decider`; what others need of the package is named here.
"""

from services.booking.domain.meeting_type.decider import (
    DECIDER,
    Absent,
    ChangeMeetingType,
    Command,
    CreateMeetingType,
    Deleted,
    DeleteMeetingType,
    Event,
    MeetingType,
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
    State,
    last_settings,
    owned_by,
    revision_of,
    settings_at,
)
from services.booking.domain.meeting_type.settings import (
    Reminder,
    Settings,
    chosen_duration,
    chosen_location,
    default_increment,
    notice,
    settings_warnings,
)
from services.booking.domain.meeting_type.slug import default_slug, free_slug

__all__ = [
    "DECIDER",
    "Absent",
    "ChangeMeetingType",
    "Command",
    "CreateMeetingType",
    "DeleteMeetingType",
    "Deleted",
    "Event",
    "MeetingType",
    "MeetingTypeChanged",
    "MeetingTypeCreated",
    "MeetingTypeDeleted",
    "Reminder",
    "Settings",
    "State",
    "chosen_duration",
    "chosen_location",
    "default_increment",
    "default_slug",
    "free_slug",
    "last_settings",
    "notice",
    "owned_by",
    "revision_of",
    "settings_at",
    "settings_warnings",
]
