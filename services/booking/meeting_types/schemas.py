"""The shapes of a meeting type, field by field as outsiders rely on them."""

from dataclasses import asdict, replace
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.booking.domain.meeting_type import Settings, default_increment, default_slug
from services.booking.domain.weekly_hours import Range, WeeklyHours
from services.booking.meeting_types.views import MeetingTypeView
from services.booking.schemas import (
    Body,
    InPersonBody,
    Line,
    LocationBody,
    LocationResponse,
    Patch,
    Text,
    location_of,
    location_response,
)
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
    weekly_hours: WeeklyHoursBody
    min_lead_minutes: int
    max_lead_minutes: int
    location: LocationResponse
    revision: int
    url: str | None = Field(description="Where visitors find a public type.")


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
        weekly_hours=WeeklyHoursBody(**asdict(settings.weekly_hours)),
        min_lead_minutes=settings.min_lead_minutes,
        max_lead_minutes=settings.max_lead_minutes,
        location=location_response(settings.location),
        revision=found.revision,
        url=f"{public_url}/with/{view.handle}/{settings.slug}" if public else None,
    )


def _hours(body: WeeklyHoursBody) -> WeeklyHours:
    return WeeklyHours(**dict(body))
