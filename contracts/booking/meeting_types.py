"""Meeting types: what an organizer offers, and when."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.booking.weekly_hours import Range, WeeklyHours
from contracts.event import Value
from contracts.values import Id, Location, ZoneName


class Question(Value):
    """A question to the attendee; one of kind `choice` has choices."""

    id: str
    label: str
    kind: Literal["text", "long_text", "choice", "checkbox", "phone"]
    required: bool = False
    choices: tuple[str, ...] = ()


class Reminder(Value):
    """A mail that goes out so long before the meeting; an empty text is the usual one."""

    minutes_before: int
    to: Literal["attendee", "organizer", "both"]
    text: str = ""


class WholeMeetingType(OfOrganizer):
    """A meeting type as it is after the event."""

    SUBJECT: ClassVar[str] = "id"

    id: Id
    organizer_time_zone: ZoneName
    title: str
    slug: str
    description: str
    duration_minutes: int
    increment_minutes: int
    visibility: Literal["public", "private"]
    hours: Literal["calendar", "custom"]
    weekly_hours: WeeklyHours = Field(
        default=WeeklyHours(),  # frozen, so one is enough for all
        description="The hours where `hours` is `custom`; else PageRegularHoursChanged has them.",
    )
    min_lead_minutes: int
    max_lead_minutes: int
    location: Location
    revision: int = Field(description="1 when created, one more with each change.")
    durations_minutes: tuple[int, ...] = Field(
        default=(), description="To choose from; empty in events of before: `duration_minutes`."
    )
    locations: tuple[Location, ...] = Field(
        default=(), description="To choose from; empty in events of before: `location`."
    )
    date_overrides: dict[str, tuple[Range, ...]] = Field(
        default_factory=dict,
        description="By date, YYYY-MM-DD: the ranges that count on it; none closes it.",
    )
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    questions: tuple[Question, ...] = ()
    approval_required: bool = False
    approval_deadline_minutes: int | None = Field(
        default=None, description="How long a request waits, never past the meeting's start."
    )
    verification_required: bool = False
    reminders: tuple[Reminder, ...] = ()
    max_per_day: int | None = None
    max_per_week: int | None = None
    max_active_per_attendee: int | None = None
    colour: str | None = None
    enabled: bool = Field(default=True, description="Whether it is offered; bookings stay.")
    members_only: bool = False
    change_cutoff_minutes: int | None = Field(
        default=None, description="null: attendees may change a booking as late as they may book."
    )
    frame_origins: tuple[str, ...] = Field(
        default=(), description="Origins whose pages may show it in a frame; without any, none."
    )


class MeetingTypeCreated(WholeMeetingType):
    """There is a new meeting type."""

    TYPE = "io.bookwith.booking.MeetingTypeCreated.v1"


class MeetingTypeChanged(WholeMeetingType):
    """A meeting type has changed; the body is the whole of it. Bookings made before keep theirs."""

    TYPE = "io.bookwith.booking.MeetingTypeChanged.v1"


class MeetingTypeDeleted(OfOrganizer):
    """A meeting type is no longer offered; its bookings stay."""

    TYPE = "io.bookwith.booking.MeetingTypeDeleted.v1"
    SUBJECT: ClassVar[str] = "meeting_type_id"

    meeting_type_id: Id
