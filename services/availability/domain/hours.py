"""Weekly hours of local wall-clock time, and the windows of real time that they open.

An instant is inside the hours when the clock on the wall then shows a time inside them. So the
hour that a clock change skips is never open, a range that begins in it begins where it ends, and
both passes of a repeated hour are open, as two different hours.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from services.availability.domain.intervals import DAY, MINUTE, Interval, instant, merge, micros

WeeklyHours: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]
"""For each weekday from Monday the ranges that begin on it, in minutes from its midnight."""
DateOverrides: TypeAlias = tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
"""Dates with other ranges than their weekday's, as days since 1970; without ranges it is closed."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EPOCH = date(1970, 1, 1)
_WEEK = 7 * DAY
_DAYS_BACK = 15  # hours with any gap have one in each week, and a clock change can hide one of them
_DAYS_AHEAD = 2  # the longest slot ends a day after its start
_YEARS = micros(datetime(1971, 1, 1, tzinfo=UTC)), micros(datetime(9000, 1, 1, tzinfo=UTC))


class Window(NamedTuple):
    """Slots start a whole number of steps after `begin` and before `until`, and end by `end`."""

    begin: int
    until: int
    end: int


def _range(start: str, end: str) -> tuple[int, int]:
    begins, ends = _minutes(start), _minutes(end)
    return begins, ends if ends > begins else ends + 1440


def _minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    minutes = int(hour) * 60 + int(minute)
    if len(clock) != 5 or not 0 <= minutes <= 1440 or not 0 <= int(minute) < 60:
        raise ValueError(f"{clock!r} is not a time of day.")
    return minutes


def weekly_hours(ranges: Mapping[str, Iterable[tuple[str, str]]]) -> WeeklyHours:
    """Return the hours of `{"mon": [("09:00", "17:00")], ...}`; a day left out is closed."""
    if unknown := set(ranges) - set(WEEKDAYS):
        raise ValueError(f"These are not weekdays: {', '.join(sorted(unknown))}.")
    return tuple(
        tuple(_range(start, end) for start, end in ranges.get(day, ())) for day in WEEKDAYS
    )


REGULAR_HOURS = weekly_hours({day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})


def date_overrides(overrides: Mapping[str, Iterable[tuple[str, str]]]) -> DateOverrides:
    """Return the dates of `{"2026-12-31": [("09:00", "12:00")], ...}` with their ranges."""
    return tuple(
        ((date.fromisoformat(day) - _EPOCH).days, tuple(_range(*each) for each in ranges))
        for day, ranges in sorted(overrides.items())
    )


def windows(
    hours: WeeklyHours, zone: ZoneInfo, start: int, end: int, overrides: DateOverrides = ()
) -> list[Window]:
    """Return the windows that touch the time from start to end, each from its own beginning.

    Hours without a gap in a week have no beginning; their steps begin anew at each midnight.
    """
    if not _YEARS[0] <= start < end <= _YEARS[1]:
        return []  # zones are not computed near the ends of Python's calendar
    days = _local_midnight(start, zone), _local_midnight(end, zone)
    found = _windows_around(hours, zone, *days, overrides)
    return [window for window in found if window.begin < end and window.until > start]


@lru_cache(
    maxsize=512
)  # many meeting types have the same hours, and times of one day come together
def _windows_around(
    hours: WeeklyHours, zone: ZoneInfo, start_day: int, end_day: int, overrides: DateOverrides
) -> tuple[Window, ...]:
    """Return, in order, at least the windows that touch the days."""
    first = start_day - _DAYS_BACK * DAY
    last = end_day + (_DAYS_AHEAD + 1) * DAY
    if overrides:  # hours without a gap may begin after a closed date: a week of them must be seen
        last += _WEEK
    segments = _segments(zone, first - DAY, last + 2 * DAY)
    short: list[Interval] = []
    found: list[Window] = []
    for run in merge(_on_dates(hours, dict(overrides), first, last)):
        if run[1] - run[0] >= _WEEK:
            found += _endless(run, segments)
        else:
            short += _real(run, segments)
    found += [Window(begin, end, end) for begin, end in merge(short)]
    return tuple(sorted(found))


def _local_midnight(at: int, zone: ZoneInfo) -> int:
    """Return the midnight before, on the local clock's own scale."""
    local = at + _offset(at, zone)
    return local - local % DAY


def _on_dates(
    hours: WeeklyHours, overrides: Mapping[int, Iterable[tuple[int, int]]], first: int, last: int
) -> Iterator[Interval]:
    """Yield the ranges that begin from the first midnight to the last, on the local scale."""
    for midnight in range(first, last, DAY):
        day = midnight // DAY
        weekday = (day + 3) % 7  # 1970 began on a Thursday
        for begins, ends in overrides.get(day, hours[weekday]):
            yield midnight + begins * MINUTE, midnight + ends * MINUTE


def _segments(zone: ZoneInfo, first: int, last: int) -> list[tuple[int, int, int]]:
    """Return the stretches of one offset from UTC: begin, end, offset."""
    found: list[tuple[int, int, int]] = []
    begin, offset = first, _offset(first, zone)
    for at in range(first, last, DAY):
        after = _offset(at + DAY, zone)
        if after != offset:
            change = _change(zone, at, offset)
            found.append((begin, change, offset))
            begin, offset = change, after
    return [*found, (begin, last + DAY, offset)]


def _change(zone: ZoneInfo, after: int, offset: int) -> int:
    """Return the instant in the day after at which the offset is given up."""
    seconds = range(after, after + DAY + 1, MINUTE // 60)
    return seconds[bisect_left(seconds, 1, key=lambda at: _offset(at, zone) != offset)]


def _offset(at: int, zone: ZoneInfo) -> int:
    shift = instant(at).astimezone(zone).utcoffset()
    return shift // timedelta(microseconds=1) if shift else 0


def _real(run: Interval, segments: list[tuple[int, int, int]]) -> Iterator[Interval]:
    """Yield the real time during which the local clock is inside the run."""
    for begin, end, offset in segments:
        start, stop = max(run[0] - offset, begin), min(run[1] - offset, end)
        if start < stop:
            yield start, stop


def _endless(run: Interval, segments: list[tuple[int, int, int]]) -> list[Window]:
    """Return the windows of hours without a gap: one for each day, all to the end of the hours."""
    first, last = run
    days = [
        day
        for midnight in range(first - first % DAY, last, DAY)
        for day in merge(_real((max(midnight, first), min(midnight + DAY, last)), segments))
    ]
    return [Window(begin, until, days[-1][1]) for begin, until in sorted(days)]
