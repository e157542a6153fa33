"""Why a day or a month has no free time, as far as a visitor may learn it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.booking.domain.meeting_type import Settings
from services.booking.domain.weekly_hours import Range, days

Reason = Literal["past", "too_soon", "too_far", "closed", "full"]
# What is said of several days: the first of these that holds for any of them.
_OF_SEVERAL: tuple[Reason, ...] = ("full", "too_soon", "too_far", "closed", "past")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that a visitor may know: how soon, how far ahead, and at which hours.

    What is taken, and what is in the organizer's calendar, is nobody else's to know: whatever these
    rules do not explain is full.
    """

    settings: Settings
    organizers: ZoneInfo
    now: datetime

    @property
    def first(self) -> datetime:
        """Return the first moment that may be booked."""
        return self.now + timedelta(minutes=self.settings.min_lead_minutes)

    @property
    def last(self) -> datetime:
        """Return the last moment that may be booked."""
        return self.now + timedelta(minutes=self.settings.max_lead_minutes)

    def why(self, day: date, zone: ZoneInfo) -> Reason:
        """Return why the visitor's day has no free time."""
        start, end = _midnight(day, zone), _midnight(day + _DAY, zone)
        if end <= self.now:
            return "past"
        if end <= self.first:
            return "too_soon"
        if start > self.last:
            return "too_far"
        return "closed" if self._is_closed(start, end) else "full"

    def why_all(self, every: Iterable[date], zone: ZoneInfo) -> Reason:
        """Return why none of the days has a free time."""
        reasons = {self.why(day, zone) for day in every}
        return next(reason for reason in _OF_SEVERAL if reason in reasons)

    def _is_closed(self, start: datetime, end: datetime) -> bool:
        """Tell whether there are no hours on any of the organizer's days in between.

        Those of the day before may last over midnight.
        """
        if self.settings.hours != "custom":
            return False
        first = start.astimezone(self.organizers).date()
        last = (end - timedelta(seconds=1)).astimezone(self.organizers).date()
        over_midnight = any(until <= since for since, until in self._ranges(first - _DAY))
        return not over_midnight and not any(map(self._ranges, _dates(first, last)))

    def _ranges(self, day: date) -> tuple[Range, ...]:
        for override in self.settings.date_overrides:
            if override.date == day.isoformat():
                return override.ranges
        return days(self.settings.weekly_hours)[day.weekday()][1]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _dates(first: date, last: date) -> Iterable[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))
