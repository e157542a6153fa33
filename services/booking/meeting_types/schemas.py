"""The shapes of a meeting type, field by field as outsiders rely on them."""

from dataclasses import asdict, replace
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo

from services.booking.domain.meeting_type import (
    LONGEST_DESCRIPTION,
    LONGEST_TITLE,
    NO_RANGES,
    Settings,
    default_increment,
    default_slug,
    duration_faults,
    increment_faults,
    longest_lead_faults,
    settings_warnings,
    shortest_lead_faults,
)
from services.booking.domain.text import line_faults, paragraph_faults
from services.booking.domain.weekly_hours import (
    NO_HOURS,
    Range,
    WeeklyHours,
    weekly_hours_faults,
)
from services.booking.meeting_types.views import MeetingTypeView
from services.booking.schemas import (
    TRIMMED,
    AddressPart,
    Body,
    InPersonBody,
    LocationBody,
    LocationResponse,
    Patch,
    location_of,
    location_response,
    ruled,
    typed,
)
from services.chassis.http.faults import FieldFaults
from services.chassis.http.listing import Identified


class WeeklyHoursBody(Body):
    """Local ranges of each weekday; one that ends before it begins runs into the next day."""

    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()


def _hours(body: WeeklyHoursBody) -> WeeklyHours:
    return WeeklyHours(**dict(body))


def _fit_together(body: WeeklyHoursBody, info: ValidationInfo) -> WeeklyHoursBody:
    """Refuse ranges beside `hours: calendar`, which would have no effect, and hours of none."""
    hours, has_ranges = info.data.get("hours"), body != WeeklyHoursBody()
    if hours == "custom" and not has_ranges:
        raise ValueError(NO_RANGES)
    if hours == "calendar" and has_ranges:
        raise FieldFaults(
            [
                ("", "Has no effect while hours is calendar; leave it out, or send hours custom."),
                ("../hours", "Must be custom when weekly_hours has ranges."),
            ]
        )
    return body


def _lead(longest: int, info: ValidationInfo) -> int:
    shortest = info.data.get("min_lead_minutes") or 0
    if faults := tuple(longest_lead_faults(longest, shortest)):
        raise FieldFaults(("", fault.detail) for fault in faults)
    return longest


Title = Annotated[str, TRIMMED, typed(line_faults, longest=LONGEST_TITLE)]
Description = Annotated[str, TRIMMED, typed(paragraph_faults, longest=LONGEST_DESCRIPTION)]
Duration = Annotated[int, ruled(duration_faults)]
Increment = Annotated[int, ruled(increment_faults)]
ShortestLead = Annotated[int, ruled(shortest_lead_faults)]
LongestLead = Annotated[int, AfterValidator(_lead)]
Weekly = Annotated[
    WeeklyHoursBody,
    ruled(lambda body: weekly_hours_faults(_hours(body))),
    AfterValidator(_fit_together),
]


class MeetingTypeBody(Body):
    """A meeting type; what is left out has its default."""

    title: Title
    slug: AddressPart | None = None
    description: Description = ""
    duration_minutes: Duration
    increment_minutes: Increment | None = None
    visibility: Literal["public", "private"] = "public"
    hours: Literal["calendar", "custom"] | None = None
    weekly_hours: Weekly = Field(default=WeeklyHoursBody(), validate_default=True)
    min_lead_minutes: ShortestLead = 120
    max_lead_minutes: LongestLead = 60 * 24 * 60
    location: LocationBody = InPersonBody(kind="in_person", address="To be agreed")


class MeetingTypePatch(Patch):
    """The fields to change; the others stay."""

    title: Title | None = None
    slug: AddressPart | None = None
    description: Description | None = None
    duration_minutes: Duration | None = None
    increment_minutes: Increment | None = None
    visibility: Literal["public", "private"] | None = None
    hours: Literal["calendar", "custom"] | None = None
    weekly_hours: Weekly | None = None
    min_lead_minutes: ShortestLead | None = None
    max_lead_minutes: LongestLead | None = None
    location: LocationBody | None = None


class WeeklyHoursResponse(BaseModel):
    """Local ranges of each weekday; one that ends before it begins runs into the next day."""

    mon: tuple[Range, ...]
    tue: tuple[Range, ...]
    wed: tuple[Range, ...]
    thu: tuple[Range, ...]
    fri: tuple[Range, ...]
    sat: tuple[Range, ...]
    sun: tuple[Range, ...]


class WarningResponse(BaseModel):
    """Something that was taken, though it has hardly the effect that was meant."""

    pointer: str = Field(description="A JSON pointer to the field, as in the errors of a problem.")
    detail: str


class MeetingTypeResponse(Identified):
    """A meeting type as its organizer sees it."""

    organizer_id: UUID
    organizer_time_zone: str
    title: str
    slug: str
    description: str
    duration_minutes: int
    increment_minutes: int
    visibility: Literal["public", "private"]
    hours: Literal["calendar", "custom"]
    weekly_hours: WeeklyHoursResponse
    min_lead_minutes: int
    max_lead_minutes: int
    location: LocationResponse
    revision: int
    url: str | None = Field(description="Where visitors find a public type.")
    warnings: list[WarningResponse]


def settings_of(body: MeetingTypeBody) -> Settings:
    """Return the settings that the body asks for, defaults filled in."""
    given = body.weekly_hours != WeeklyHoursBody()
    return Settings(
        title=body.title,
        slug=default_slug(body.title) if body.slug is None else body.slug,
        duration_minutes=body.duration_minutes,
        increment_minutes=default_increment(body.duration_minutes)
        if body.increment_minutes is None
        else body.increment_minutes,
        location=location_of(body.location),
        description=body.description,
        visibility=body.visibility,
        hours=body.hours or ("custom" if given else "calendar"),
        weekly_hours=_hours(body.weekly_hours),
        min_lead_minutes=body.min_lead_minutes,
        max_lead_minutes=body.max_lead_minutes,
    )


def patched(settings: Settings, body: MeetingTypePatch) -> Settings:
    """Return the settings with the fields that the body names."""
    named = {name: getattr(body, name) for name in body.model_fields_set}
    if body.location is not None:
        named["location"] = location_of(body.location)
    if body.weekly_hours is not None:
        named["weekly_hours"] = _hours(body.weekly_hours)
        if body.weekly_hours != WeeklyHoursBody():
            named["hours"] = "custom"  # as in a new type: ranges are sent to be obeyed
    if body.hours == "calendar":
        named["weekly_hours"] = NO_HOURS  # what is shown is what is in force
    return replace(settings, **named)


def meeting_type_response(view: MeetingTypeView, public_url: str) -> MeetingTypeResponse:
    """Return the meeting type as its organizer sees it."""
    found, settings = view.meeting_type, view.meeting_type.settings
    public = settings.visibility == "public"
    return MeetingTypeResponse(
        id=view.id,
        organizer_id=found.organizer_id,
        organizer_time_zone=found.organizer_time_zone,
        title=settings.title,
        slug=settings.slug,
        description=settings.description,
        duration_minutes=settings.duration_minutes,
        increment_minutes=settings.increment_minutes,
        visibility=settings.visibility,
        hours=settings.hours,
        weekly_hours=WeeklyHoursResponse(**asdict(settings.weekly_hours)),
        min_lead_minutes=settings.min_lead_minutes,
        max_lead_minutes=settings.max_lead_minutes,
        location=location_response(settings.location),
        revision=found.revision,
        url=f"{public_url}/with/{view.handle}/{settings.slug}" if public else None,
        warnings=[
            WarningResponse(pointer=f"#{each.pointer}", detail=each.detail)
            for each in settings_warnings(settings)
        ],
    )
