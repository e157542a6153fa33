"""What an organizer decides about a meeting type."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.booking.domain.date_overrides import DateOverride
from services.booking.domain.location import Location
from services.booking.domain.question import Question
from services.booking.domain.refusals import Fault, Invalid
from services.booking.domain.slot import Notice
from services.booking.domain.weekly_hours import NO_HOURS, WeeklyHours, too_short_ranges

DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A mail that goes out so long before the meeting; an empty text is the usual one."""

    minutes_before: int
    to: Literal["attendee", "organizer", "both"] = "both"
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the organizer decides about the type.

    The first duration and the first location have fields of their own: events of before several of
    them were possible have no others. A limit that is None does not exist.
    """

    title: str
    slug: str
    duration_minutes: int
    increment_minutes: int
    location: Location
    description: str = ""
    visibility: Literal["public", "private"] = "public"
    hours: Literal["calendar", "custom"] = "calendar"
    weekly_hours: WeeklyHours = NO_HOURS
    min_lead_minutes: int = 120
    max_lead_minutes: int = 60 * DAY
    more_durations_minutes: tuple[int, ...] = ()
    more_locations: tuple[Location, ...] = ()
    date_overrides: tuple[DateOverride, ...] = ()
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    questions: tuple[Question, ...] = ()
    approval_required: bool = False
    # How long a request for approval holds its time, never past the meeting's start.
    approval_deadline_minutes: int = 2 * DAY
    # Whether an attendee must prove their mail address before the booking counts.
    verification_required: bool = False
    reminders: tuple[Reminder, ...] = ()
    max_per_day: int | None = None
    max_per_week: int | None = None
    # Bookings to come that one mail address may have with the organizer.
    max_active_per_attendee: int | None = None
    colour: str | None = None
    enabled: bool = True
    members_only: bool = False
    # Until how long before the meeting attendees may change it; None is the minimum lead time.
    change_cutoff_minutes: int | None = None
    # The origins whose pages may show it in a frame; without any, none may.
    frame_origins: tuple[str, ...] = ()

    @property
    def durations_minutes(self) -> tuple[int, ...]:
        """Return the durations to choose from; the first is the default."""
        return (self.duration_minutes, *self.more_durations_minutes)

    @property
    def locations(self) -> tuple[Location, ...]:
        """Return the places to choose from; the first is the default."""
        return (self.location, *self.more_locations)


def chosen_duration(settings: Settings, minutes: int | None) -> int:
    """Return the duration that was asked for, or the default; raise Invalid for no such one."""
    if minutes is None:
        return settings.duration_minutes
    if minutes not in settings.durations_minutes:
        offered = ", ".join(map(str, settings.durations_minutes))
        raise Invalid.at("/duration_minutes", f"Must be one of this meeting's: {offered}.")
    return minutes


def chosen_location(settings: Settings, index: int) -> Location:
    """Return the place that was chosen; raise Invalid for no such one."""
    if not 0 <= index < len(settings.locations):
        raise Invalid.at(
            "/location_index",
            f"Must be from 0 to {len(settings.locations) - 1}: which of the places.",
        )
    return settings.locations[index]


def notice(settings: Settings) -> Notice:
    """Return what binds an attendee of this type; changes close with the lead time by default."""
    cutoff = settings.change_cutoff_minutes
    return Notice(
        min_lead_minutes=settings.min_lead_minutes,
        max_lead_minutes=settings.max_lead_minutes,
        cutoff_minutes=settings.min_lead_minutes if cutoff is None else cutoff,
    )


def settings_warnings(settings: Settings) -> Iterator[Fault]:
    """Yield what may be so but is hardly meant: it is taken, and the organizer is told."""
    if settings.hours == "custom":
        yield from too_short_ranges(settings.weekly_hours, min(settings.durations_minutes))


def default_increment(duration_minutes: int) -> int:
    """Return the increment of a type that names none."""
    return min(30, duration_minutes)
