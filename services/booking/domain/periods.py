"""The day and the week of an instant, on the clock and calendar of the organizer's zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """From its beginning up to, but not including, its end."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def day_of(instant: datetime, zone: str) -> Period:
    """Return the local day, which is 23 to 25 hours long."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return _days(day, 1, zone)


def week_of(instant: datetime, zone: str) -> Period:
    """Return the local week, which begins on Monday."""
    day = instant.astimezone(ZoneInfo(zone)).date()
    return _days(day - timedelta(days=day.weekday()), 7, zone)


def _days(first: date, days: int, zone: str) -> Period:
    return Period(_midnight(first, zone), _midnight(first + timedelta(days=days), zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
