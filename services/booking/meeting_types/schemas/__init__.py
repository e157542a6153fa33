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
    QuestionResponse,
    meeting_type_response,
    question_responses,
)

__all__ = [
    "DuplicateBody",
    "MeetingTypeBody",
    "MeetingTypePatch",
    "MeetingTypeResponse",
    "QuestionResponse",
    "meeting_type_response",
    "patched",
    "question_responses",
    "settings_of",
]
