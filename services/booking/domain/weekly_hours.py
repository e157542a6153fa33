"""The hours of a week in which a meeting type is offered, in the organizer's local time."""

import re
from collections.abc import Iterator
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


def days(hours: WeeklyHours) -> tuple[tuple[str, tuple[Range, ...]], ...]:
    """Return the ranges of each day from Monday to Sunday, with the day's short name."""
    return tuple((field.name, getattr(hours, field.name)) for field in fields(hours))


def weekly_hours_faults(hours: WeeklyHours) -> Iterator[Fault]:
    """Yield what is wrong with the hours; that ranges meet or overlap is not."""
    for day, ranges in days(hours):
        if len(ranges) > _MOST_RANGES:
            yield Fault(f"/weekly_hours/{day}", f"Must have at most {_MOST_RANGES} ranges.")
        for place, (start, end) in enumerate(ranges):
            pointer = f"/weekly_hours/{day}/{place}"
            if not _START.fullmatch(start):
                yield Fault(f"{pointer}/0", "Must be a time from 00:00 to 23:59.")
            if not _END.fullmatch(end):
                yield Fault(f"{pointer}/1", "Must be a time from 00:00 to 24:00.")
            if start == end:
                yield Fault(pointer, "Must not end when it begins; a whole day is 00:00 to 24:00.")
