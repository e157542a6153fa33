"""The shapes that the API takes, field by field as outsiders rely on them."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from services.booking.domain.weekly_hours import Range

Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=500)]


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("must be an IANA time zone such as Europe/Copenhagen")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"})


ZoneName = Annotated[str, AfterValidator(_known_zone)]


def _in_our_time(instant: datetime) -> datetime:
    if not 2000 <= instant.year < 2200:
        raise ValueError("must be an instant between 2000 and 2200")
    return instant.astimezone(UTC)


def _as_text(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("must be an RFC 3339 instant such as 2027-01-11T09:00:00Z")  # noqa: TRY004 -- pydantic's way to refuse
    return value


# Without an offset it would be another instant in each zone; far out, adding to it overflows.
Instant = Annotated[AwareDatetime, BeforeValidator(_as_text), AfterValidator(_in_our_time)]


class Body(BaseModel):
    """A body whose unknown fields are refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Patch(Body):
    """A body of fields to change; what is left out stays."""

    EMPTIABLE: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.EMPTIABLE:
            raise ValueError("must not be null; leave it out to keep what is there")
        return value


class PageBody(Body):
    """What an organizer says about their page."""

    handle: Line
    display_name: Line
    email: Line
    time_zone: ZoneName
    locale: Line = "en"
    time_zone_locked: bool = False


class AddressBody(Body):
    """The new address; without one a new address is made from the old."""

    handle: Line | None = None


class InPersonBody(Body):
    """A place to go to."""

    kind: Literal["in_person"]
    address: Line


class PhoneBody(Body):
    """A call; `number` is the organizer's."""

    kind: Literal["phone"]
    who_calls: Literal["organizer", "attendee"]
    number: Line | None = None


class OnlineBody(Body):
    """A video meeting; `{booking_id}` in the template makes it unique to each booking."""

    kind: Literal["online"]
    provider: Literal["teams", "jitsi", "url"]
    url_template: Line


LocationBody = Annotated[InPersonBody | PhoneBody | OnlineBody, Field(discriminator="kind")]


class WeeklyHoursBody(Body):
    """Local ranges of each weekday; one that ends before it begins runs into the next day."""

    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()


class MeetingTypeBody(Body):
    """A meeting type; what is left out has its default."""

    title: Line
    slug: Line | None = None
    description: Text = ""
    duration_minutes: int
    increment_minutes: int | None = None
    visibility: Literal["public", "private"] = "public"
    hours: Literal["calendar", "custom"] | None = None
    weekly_hours: WeeklyHoursBody = WeeklyHoursBody()
    min_lead_minutes: int = 120
    max_lead_minutes: int = 60 * 24 * 60
    location: LocationBody = InPersonBody(kind="in_person", address="To be agreed")


class MeetingTypePatch(Patch):
    """The fields to change; the others stay."""

    title: Line | None = None
    slug: Line | None = None
    description: Text | None = None
    duration_minutes: int | None = None
    increment_minutes: int | None = None
    visibility: Literal["public", "private"] | None = None
    hours: Literal["calendar", "custom"] | None = None
    weekly_hours: WeeklyHoursBody | None = None
    min_lead_minutes: int | None = None
    max_lead_minutes: int | None = None
    location: LocationBody | None = None


class LinkBody(Body):
    """A private link to issue: `max_uses` 1 is single use, null any number."""

    label: Line = ""
    max_uses: int | None = None
    expires_at: Instant | None = None


class LinkPatch(Patch):
    """The fields to change; the others stay. `max_uses` null is any number."""

    EMPTIABLE = frozenset({"max_uses"})

    label: Line | None = None
    max_uses: int | None = None
    expires_at: Instant | None = None


class AnswerBody(Body):
    """An answer to one question of the meeting type."""

    question_id: Line
    value: Annotated[str, Field(max_length=4000)] | bool


class AttendeeBody(Body):
    """The person who books."""

    name: Annotated[str, Field(max_length=200)]
    email: Annotated[str, Field(max_length=254)]
    time_zone: ZoneName | None = Field(default=None, description="The organizer's if left out.")
    locale: Annotated[str, Field(max_length=35)] = "en"


class BookingBody(Body):
    """A time to hold; with an attendee it is held and confirmed in one call."""

    meeting_type_id: UUID
    start: Instant
    attendee: AttendeeBody | None = None
    answers: tuple[AnswerBody, ...] = ()


class ConfirmBody(Body):
    """Who the held time is for."""

    attendee: AttendeeBody
    answers: tuple[AnswerBody, ...] = ()


class MoveBody(Body):
    """The new time."""

    start: Instant
    reason: Annotated[str, Field(max_length=1000)] = ""


class CancelBody(Body):
    """Why, for the other party."""

    reason: Annotated[str, Field(max_length=1000)] = ""
