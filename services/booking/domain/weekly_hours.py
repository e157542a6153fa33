"""The hours of a week in which a meeting type is offered, in the organizer's local time."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from services.booking.domain.refusals import Fault

Range = tuple[str, str]  # "HH:MM" to "HH:MM"; an end at or before the start is the next day's
_START = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_END = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_MOST_RANGES = 24


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()


NO_HOURS = WeeklyHours()
_OFFICE = (("09:00", "17:00"),)
# Of who has not set any: Monday to Friday.
USUAL_HOURS = WeeklyHours(mon=_OFFICE, tue=_OFFICE, wed=_OFFICE, thu=_OFFICE, fri=_OFFICE)
NO_RANGES = "Needs at least one day with hours."
WEEK_DAY = 24 * 60
WEEK = 7 * WEEK_DAY


def days(hours: WeeklyHours) -> tuple[tuple[str, tuple[Range, ...]], ...]:
    """Return the ranges of each day from Monday to Sunday, with the day's short name."""
    return tuple((field.name, getattr(hours, field.name)) for field in fields(hours))


def too_short_ranges(hours: WeeklyHours, minutes: int) -> Iterator[Fault]:
    """Yield the ranges in which no meeting of that length fits; those that meet are one range."""
    placed = [
        (WEEK_DAY * number + _minute(start), _length(start, end), f"/weekly_hours/{day}/{place}")
        for number, (day, ranges) in enumerate(days(hours))
        for place, (start, end) in enumerate(ranges)
    ]
    for start, length, pointer in placed:
        if _joined(start, start + length, [(first, more) for first, more, _ in placed]) < minutes:
            yield Fault(
                pointer,
                f"Is shorter than the meeting of {minutes} minutes, so that none fits in.",
            )


def _joined(start: int, end: int, ranges: Sequence[tuple[int, int]]) -> int:
    """Return the length of the range with all that meet it; the week goes round."""
    before = None
    while before != (start, end) and end - start < WEEK:
        before = (start, end)
        for first, length in ranges:
            for begin in (first - WEEK, first, first + WEEK):
                if begin <= end and begin + length >= start:
                    start, end = min(start, begin), max(end, begin + length)
    return end - start


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)


def _length(start: str, end: str) -> int:
    return (_minute(end) - _minute(start)) % WEEK_DAY or WEEK_DAY


def weekly_hours_faults(hours: WeeklyHours) -> Iterator[Fault]:
    """Yield what is wrong with the hours; that ranges meet or overlap is not."""
    for day, ranges in days(hours):
        yield from ranges_faults(f"/weekly_hours/{day}", ranges)


def regular_hours_faults(hours: WeeklyHours) -> Iterator[Fault]:
    """Yield what is wrong with the regular hours of an organizer."""
    yield from weekly_hours_faults(hours)
    if hours == NO_HOURS:
        yield Fault("/weekly_hours", NO_RANGES)


def ranges_faults(pointer: str, ranges: Sequence[Range]) -> Iterator[Fault]:
    """Yield what is wrong with the ranges that begin on one day."""
    if len(ranges) > _MOST_RANGES:
        yield Fault(pointer, f"Must have at most {_MOST_RANGES} ranges.")
    for place, (start, end) in enumerate(ranges):
        if not _START.fullmatch(start):
            yield Fault(f"{pointer}/{place}/0", "Must be a time from 00:00 to 23:59.")
        if not _END.fullmatch(end):
            yield Fault(f"{pointer}/{place}/1", "Must be a time from 00:00 to 24:00.")
        if start == end:
            yield Fault(
                f"{pointer}/{place}",
                "Must not end when it begins; a whole day is 00:00 to 24:00.",
            )
