"""What is sent to make or change a meeting type: one schema of fields for both."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from services.booking.domain.location import InPerson
from services.booking.domain.meeting_type import Settings, default_increment, default_slug
from services.booking.domain.weekly_hours import NO_HOURS
from services.booking.meeting_types.schemas.fields import (
    ApprovalDeadline,
    Buffer,
    Colour,
    Cutoff,
    DateOverrides,
    Description,
    Duration,
    Durations,
    FrameOrigins,
    Increment,
    Limit,
    Locations,
    LongestLead,
    Questions,
    Reminders,
    ShortestLead,
    Title,
    Weekly,
    locations_of,
    overrides_of,
    questions_of,
    reminders_of,
)
from services.booking.schemas import (
    AddressPart,
    AnyLocationBody,
    Body,
    LocationBody,
    Patch,
    WeeklyHoursBody,
    weekly_hours_of,
)
from services.chassis.http.faults import FieldFaults


class MeetingTypePatch(Patch):
    """The fields to change; the others stay."""

    EMPTIABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "slug",
            "increment_minutes",
            "max_per_day",
            "max_per_week",
            "max_active_per_attendee",
            "colour",
            "change_cutoff_minutes",
        }
    )

    title: Title | None = None
    slug: AddressPart | None = Field(default=None, description="null: made from the title.")
    description: Description | None = None
    durations_minutes: Durations | None = Field(
        default=None, description="To choose from; the first is the default."
    )
    duration_minutes: Duration | None = Field(
        default=None, description="The only duration, or the first of durations_minutes."
    )
    increment_minutes: Increment | None = Field(
        default=None, description="null: the default duration, at most 30."
    )
    visibility: Literal["public", "private"] | None = None
    hours: Literal["calendar", "custom"] | None = None
    weekly_hours: Weekly | None = None
    date_overrides: DateOverrides | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    min_lead_minutes: ShortestLead | None = None
    max_lead_minutes: LongestLead | None = None
    locations: Locations | None = Field(
        default=None, description="To choose from; the first is the default."
    )
    location: LocationBody | None = Field(
        default=None, description="The only place, or the first of locations."
    )
    questions: Questions | None = None
    approval_required: bool | None = None
    approval_deadline_minutes: ApprovalDeadline | None = Field(
        default=None, description="How long a request waits, never past the meeting's start."
    )
    verification_required: bool | None = Field(
        default=None, description="Whether attendees prove their address before a booking counts."
    )
    reminders: Reminders | None = None
    max_per_day: Limit | None = None
    max_per_week: Limit | None = None
    max_active_per_attendee: Limit | None = Field(
        default=None, description="Bookings to come that one mail address may have with you."
    )
    colour: Colour | None = None
    enabled: bool | None = Field(default=None, description="false: not offered, bookings stay.")
    members_only: bool | None = Field(
        default=None, description="Whether only signed-in members of the organization may book."
    )
    change_cutoff_minutes: Cutoff | None = Field(
        default=None, description="null: attendees may change it as late as they may book."
    )
    frame_origins: FrameOrigins | None = Field(
        default=None,
        description="Origins whose pages may show it in a frame, such as https://www.example.com.",
    )

    @model_validator(mode="after")
    def _one_default(self) -> "MeetingTypePatch":
        """Refuse a single duration or place that is not the first of the list beside it."""
        faults = []
        if self.durations_minutes and self.duration_minutes not in (
            None,
            self.durations_minutes[0],
        ):
            faults.append(("/duration_minutes", "Must be the first of durations_minutes."))
        if self.locations and self.location not in (None, self.locations[0]):
            faults.append(("/location", "Must be the first of locations."))
        if faults:
            raise FieldFaults(faults)
        return self


class MeetingTypeBody(MeetingTypePatch):
    """A meeting type; what is left out has its default."""

    title: Title
    weekly_hours: Weekly = Field(default=WeeklyHoursBody(), validate_default=True)
    min_lead_minutes: ShortestLead = 120
    max_lead_minutes: LongestLead = 60 * 24 * 60

    @model_validator(mode="after")
    def _has_duration(self) -> "MeetingTypeBody":
        if self.duration_minutes is None and self.durations_minutes is None:
            raise FieldFaults([("/duration_minutes", "Must be given, or durations_minutes.")])
        return self


class DuplicateBody(Body):
    """What the copy is called; without a title it is called a copy of the first one."""

    title: Title | None = None
    slug: AddressPart | None = None


def settings_of(body: MeetingTypeBody) -> Settings:
    """Return the settings that the body asks for, defaults filled in."""
    first = body.duration_minutes or (body.durations_minutes or (0,))[0]
    defaults = Settings(
        title=body.title,
        slug=default_slug(body.title),
        duration_minutes=first,
        increment_minutes=default_increment(first),
        location=InPerson("To be agreed"),
    )
    return patched(defaults, body)


def patched(settings: Settings, body: MeetingTypePatch) -> Settings:
    """Return the settings with the fields that the body names."""
    changes: dict[str, Any] = {}  # fields of Settings
    for name in body.model_fields_set:
        value = getattr(body, name)
        changes |= _CHANGES[name](value) if name in _CHANGES else {name: value}
    if body.durations_minutes:
        changes |= _durations(body.durations_minutes)
    if body.locations:
        changes |= _locations(body.locations)
    if body.weekly_hours not in (None, WeeklyHoursBody()):
        changes["hours"] = "custom"  # as in a new type: ranges are sent to be obeyed
    if body.hours == "calendar":
        changes["weekly_hours"] = NO_HOURS  # what is shown is what is in force
    if changes.get("slug", "") is None:
        changes["slug"] = default_slug(changes.get("title", settings.title))
    if changes.get("increment_minutes", 0) is None:
        duration = changes.get("duration_minutes", settings.duration_minutes)
        changes["increment_minutes"] = default_increment(duration)
    return replace(settings, **changes)


def _durations(minutes: tuple[int, ...]) -> dict[str, Any]:
    first, *more = minutes
    return {"duration_minutes": first, "more_durations_minutes": tuple(more)}


def _locations(bodies: tuple[AnyLocationBody, ...]) -> dict[str, Any]:
    first, *more = locations_of(bodies)
    return {"location": first, "more_locations": tuple(more)}


# What is sent under these names, as fields of Settings; the others have the same name and value.
_CHANGES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "duration_minutes": lambda minutes: _durations((minutes,)),
    "durations_minutes": _durations,
    "location": lambda body: _locations((body,)),
    "locations": _locations,
    "weekly_hours": lambda body: {"weekly_hours": weekly_hours_of(body)},
    "date_overrides": lambda sent: {"date_overrides": overrides_of(sent)},
    "questions": lambda bodies: {"questions": questions_of(bodies)},
    "reminders": lambda bodies: {"reminders": reminders_of(bodies)},
}
