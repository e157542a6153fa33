"""Meeting types: what an organizer offers, and when."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.booking.organizer import OfOrganizer
from contracts.event import Value
from contracts.values import Clock, Id, Location, ZoneName

Range = tuple[Clock, Clock]


class WeeklyHours(Value):
    """Ranges of local time for each weekday; one that ends before it begins ends the next day."""

    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()


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
        description="The hours where `hours` is `custom`.",
    )
    min_lead_minutes: int
    max_lead_minutes: int
    location: Location
    revision: int = Field(description="1 when created, one more with each change.")


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
