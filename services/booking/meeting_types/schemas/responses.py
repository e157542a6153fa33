"""A meeting type as its organizer sees it."""

from dataclasses import asdict
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.booking.domain.meeting_type import settings_warnings
from services.booking.domain.weekly_hours import Range
from services.booking.meeting_types.views import MeetingTypeView
from services.booking.schemas import (
    LocationResponse,
    QuestionResponse,
    WarningResponse,
    location_response,
    question_responses,
)
from services.chassis.http.listing import Identified


class WeeklyHoursResponse(BaseModel):
    """Local ranges of each weekday; one that ends before it begins runs into the next day."""

    mon: tuple[Range, ...]
    tue: tuple[Range, ...]
    wed: tuple[Range, ...]
    thu: tuple[Range, ...]
    fri: tuple[Range, ...]
    sat: tuple[Range, ...]
    sun: tuple[Range, ...]


class ReminderResponse(BaseModel):
    """A mail that goes out so long before the meeting."""

    minutes_before: int
    to: Literal["attendee", "organizer", "both"]
    text: str


class MeetingTypeResponse(Identified):
    """A meeting type as its organizer sees it."""

    organizer_id: UUID
    organizer_time_zone: str
    title: str
    slug: str
    description: str
    durations_minutes: list[int]
    duration_minutes: int = Field(description="The first of durations_minutes, the default.")
    increment_minutes: int
    visibility: Literal["public", "private"]
    hours: Literal["calendar", "custom"]
    weekly_hours: WeeklyHoursResponse
    date_overrides: dict[str, list[Range]]
    buffer_before_minutes: int
    buffer_after_minutes: int
    min_lead_minutes: int
    max_lead_minutes: int
    locations: list[LocationResponse]
    location: LocationResponse = Field(description="The first of locations, the default.")
    questions: list[QuestionResponse]
    approval_required: bool
    approval_deadline_minutes: int
    verification_required: bool
    reminders: list[ReminderResponse]
    max_per_day: int | None
    max_per_week: int | None
    max_active_per_attendee: int | None
    colour: str | None
    enabled: bool
    members_only: bool
    change_cutoff_minutes: int | None
    frame_origins: list[str]
    revision: int
    url: str | None = Field(description="Where visitors find a public type.")
    warnings: list[WarningResponse]


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
        durations_minutes=list(settings.durations_minutes),
        duration_minutes=settings.duration_minutes,
        increment_minutes=settings.increment_minutes,
        visibility=settings.visibility,
        hours=settings.hours,
        weekly_hours=WeeklyHoursResponse(**asdict(settings.weekly_hours)),
        date_overrides={each.date: list(each.ranges) for each in settings.date_overrides},
        buffer_before_minutes=settings.buffer_before_minutes,
        buffer_after_minutes=settings.buffer_after_minutes,
        min_lead_minutes=settings.min_lead_minutes,
        max_lead_minutes=settings.max_lead_minutes,
        locations=[location_response(each) for each in settings.locations],
        location=location_response(settings.location),
        questions=question_responses(settings.questions),
        approval_required=settings.approval_required,
        approval_deadline_minutes=settings.approval_deadline_minutes,
        verification_required=settings.verification_required,
        reminders=[ReminderResponse(**asdict(each)) for each in settings.reminders],
        max_per_day=settings.max_per_day,
        max_per_week=settings.max_per_week,
        max_active_per_attendee=settings.max_active_per_attendee,
        colour=settings.colour,
        enabled=settings.enabled,
        members_only=settings.members_only,
        change_cutoff_minutes=settings.change_cutoff_minutes,
        frame_origins=list(settings.frame_origins),
        revision=found.revision,
        url=f"{public_url}/with/{view.handle}/{settings.slug}" if public else None,
        warnings=[
            WarningResponse(pointer=f"#{each.pointer}", detail=each.detail)
            for each in settings_warnings(settings)
        ],
    )
