"""The ranges of a meeting type's settings; each violation is named with its field."""

import re
from collections.abc import Iterator, Sequence

from services.booking.domain.date_overrides import date_override_faults
from services.booking.domain.frame_origins import frame_origins_faults
from services.booking.domain.location import location_faults
from services.booking.domain.meeting_type.settings import DAY, Reminder, Settings
from services.booking.domain.question import questions_faults
from services.booking.domain.refusals import Fault
from services.booking.domain.text import address_part_faults, line_faults, paragraph_faults
from services.booking.domain.weekly_hours import days, weekly_hours_faults

LONGEST_TITLE = 120
LONGEST_DESCRIPTION = 4000
LONGEST_REMINDER = 1000
MOST_DURATIONS, MOST_LOCATIONS, MOST_REMINDERS = 12, 12, 10
NO_RANGES = "Custom hours need at least one range."
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


def settings_faults(settings: Settings) -> Iterator[Fault]:
    """Yield everything that is wrong with the settings."""
    yield from line_faults("/title", settings.title, LONGEST_TITLE)
    yield from address_part_faults("/slug", settings.slug)
    yield from paragraph_faults("/description", settings.description, LONGEST_DESCRIPTION)
    yield from _location_faults(settings)
    yield from _duration_faults(settings)
    yield from increment_faults(settings.increment_minutes)
    yield from shortest_lead_faults(settings.min_lead_minutes)
    yield from longest_lead_faults(settings.max_lead_minutes, settings.min_lead_minutes)
    yield from weekly_hours_faults(settings.weekly_hours)
    if settings.hours == "custom" and not any(ranges for _, ranges in days(settings.weekly_hours)):
        yield Fault("/weekly_hours", NO_RANGES)
    yield from date_override_faults(settings.date_overrides)
    yield from buffer_faults("/buffer_before_minutes", settings.buffer_before_minutes)
    yield from buffer_faults("/buffer_after_minutes", settings.buffer_after_minutes)
    yield from questions_faults("/questions", settings.questions)
    yield from reminders_faults(settings.reminders)
    yield from approval_deadline_faults(settings.approval_deadline_minutes)
    yield from _limit_faults(settings)
    if settings.colour is not None:
        yield from colour_faults(settings.colour)
    if settings.change_cutoff_minutes is not None:
        yield from cutoff_faults(settings.change_cutoff_minutes)
    yield from frame_origins_faults(settings.frame_origins)


def duration_faults(minutes: int, pointer: str = "/duration_minutes") -> Iterator[Fault]:
    """Yield what is wrong with a duration."""
    if not 5 <= minutes <= DAY:
        yield Fault(pointer, "Must be from 5 minutes to 24 hours (1440).")


def durations_faults(durations: Sequence[int]) -> Iterator[Fault]:
    """Yield what is wrong with several durations."""
    if not 1 <= len(durations) <= MOST_DURATIONS:
        yield Fault("/durations_minutes", f"Must be 1 to {MOST_DURATIONS} durations.")
    for place, minutes in enumerate(durations):
        yield from duration_faults(minutes, f"/durations_minutes/{place}")
        if minutes in durations[:place]:
            yield Fault(f"/durations_minutes/{place}", "Must be different from the others.")


def increment_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with the step from one start to the next."""
    if not 5 <= minutes <= 240:
        yield Fault("/increment_minutes", "Must be from 5 minutes to 4 hours (240).")


def shortest_lead_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with how soon a meeting may begin."""
    if minutes < 0:
        yield Fault("/min_lead_minutes", "Must not be negative.")


def longest_lead_faults(minutes: int, shortest: int = 0) -> Iterator[Fault]:
    """Yield what is wrong with how far ahead a meeting may begin."""
    if not DAY <= minutes <= 365 * DAY:
        yield Fault("/max_lead_minutes", "Must be from 1 day (1440) to 365 days (525600).")
    elif minutes - shortest < DAY:
        yield Fault("/max_lead_minutes", "Must exceed min_lead_minutes by at least a day (1440).")


def buffer_faults(pointer: str, minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with the time that is kept free around a meeting."""
    if not 0 <= minutes <= DAY // 2:
        yield Fault(pointer, "Must be from 0 to 12 hours (720).")


def cutoff_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with until when attendees may change a meeting."""
    if not 0 <= minutes <= 365 * DAY:
        yield Fault("/change_cutoff_minutes", "Must be from 0 to 365 days (525600).")


def approval_deadline_faults(minutes: int) -> Iterator[Fault]:
    """Yield what is wrong with how long a request waits for approval."""
    if not 30 <= minutes <= 30 * DAY:
        yield Fault("/approval_deadline_minutes", "Must be from 30 minutes to 30 days (43200).")


def limit_faults(pointer: str, limit: int) -> Iterator[Fault]:
    """Yield what is wrong with a limit of bookings."""
    if not 1 <= limit <= 1000:
        yield Fault(pointer, "Must be from 1 to 1000, or null for no limit.")


def colour_faults(colour: str) -> Iterator[Fault]:
    """Yield what is wrong with the colour."""
    if not _COLOUR.fullmatch(colour):
        yield Fault("/colour", "Must be a colour such as #1a73e8.")


def reminders_faults(reminders: Sequence[Reminder]) -> Iterator[Fault]:
    """Yield what is wrong with the reminders."""
    if len(reminders) > MOST_REMINDERS:
        yield Fault("/reminders", f"Must be at most {MOST_REMINDERS} reminders.")
    for place, reminder in enumerate(reminders):
        pointer = f"/reminders/{place}"
        if not 5 <= reminder.minutes_before <= 28 * DAY:
            yield Fault(f"{pointer}/minutes_before", "Must be from 5 minutes to 28 days (40320).")
        yield from paragraph_faults(f"{pointer}/text", reminder.text, LONGEST_REMINDER)
        if any(_same_time(reminder, other) for other in reminders[:place]):
            yield Fault(pointer, "Another reminder goes to the same person at the same time.")


def _same_time(one: Reminder, other: Reminder) -> bool:
    return one.minutes_before == other.minutes_before and (
        one.to == other.to or "both" in (one.to, other.to)
    )


def _duration_faults(settings: Settings) -> Iterator[Fault]:
    if settings.more_durations_minutes:
        yield from durations_faults(settings.durations_minutes)
    else:
        yield from duration_faults(settings.duration_minutes)


def _location_faults(settings: Settings) -> Iterator[Fault]:
    if not settings.more_locations:
        yield from location_faults(settings.location)
        return
    if len(settings.locations) > MOST_LOCATIONS:
        yield Fault("/locations", f"Must be at most {MOST_LOCATIONS} places.")
    for place, location in enumerate(settings.locations):
        yield from location_faults(location, f"/locations/{place}")
        if location in settings.locations[:place]:
            yield Fault(f"/locations/{place}", "Must be different from the others.")


def _limit_faults(settings: Settings) -> Iterator[Fault]:
    for field in ("max_per_day", "max_per_week", "max_active_per_attendee"):
        limit: int | None = getattr(settings, field)
        if limit is not None:
            yield from limit_faults(f"/{field}", limit)
    if (
        settings.max_per_day
        and settings.max_per_week
        and settings.max_per_day > settings.max_per_week
    ):
        yield Fault("/max_per_day", "Must not exceed max_per_week.")
