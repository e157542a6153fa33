"""The shapes of a meeting type, field by field as outsiders rely on them."""

from services.booking.meeting_types.schemas.bodies import (
    DuplicateBody,
    MeetingTypeBody,
    MeetingTypePatch,
    patched,
    settings_of,
)
from services.booking.meeting_types.schemas.responses import (
    MeetingTypeResponse,
    meeting_type_response,
)

__all__ = [
    "DuplicateBody",
    "MeetingTypeBody",
    "MeetingTypePatch",
    "MeetingTypeResponse",
    "meeting_type_response",
    "patched",
    "settings_of",
]
