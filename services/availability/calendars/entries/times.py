"""Dates, times and durations of RFC 5545 as instants."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.availability.calendars.entries.lines import Property
from services.availability.calendars.entries.zones import Zones

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DATE_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(Z?)")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?"
)


def moment_of(property_: Property, zones: Zones) -> datetime | date:
    """Return the aware time or the date of a property; raise ValueError."""
    return moment(property_.value.strip(), zones, property_.parameters.get("TZID"))


def moment(text: str, zones: Zones, zone_name: str | None) -> datetime | date:
    """Return the aware time or the date that the text is; raise ValueError."""
    if found := _DATE_TIME.fullmatch(text):
        year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
        second = min(second, 59)  # a leap second
        zone = UTC if found[7] else zones.zone(zone_name)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    if found := _DATE.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    raise ValueError("no date and no time")


def duration(text: str) -> tuple[int, timedelta]:
    """Return the days of the calendar and the exact time beside them; raise ValueError."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or not any(found.groups()[1:]):
        raise ValueError("no duration")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    sign = -1 if found[1] == "-" else 1
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return sign * (weeks * 7 + days), sign * exact


def after(start: datetime | date, days: int, exact: timedelta) -> datetime | date:
    """Return the moment behind a duration: days on the local clock, hours in real time."""
    if not isinstance(start, datetime):
        return start + timedelta(days=days) + exact
    zone = start.tzinfo
    moved = start + timedelta(days=days)
    return (moved.astimezone(UTC) + exact).astimezone(zone)


def instant(at: datetime | date, zone: tzinfo) -> datetime:
    """Return the instant in UTC: a date begins at its midnight, a time without zone is local."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time())
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone)
    return at.astimezone(UTC)


def is_all_day(at: datetime | date) -> bool:
    """Tell whether it is a date, without a time."""
    return not isinstance(at, datetime)
