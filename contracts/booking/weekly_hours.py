"""Hours of a week in an organizer's local time."""

from contracts.event import Value
from contracts.values import Clock

Range = tuple[Clock, Clock]


class WeeklyHours(Value):
    """Ranges of local time for each weekday; one that ends before it begins ends the next day."""

    mon: tuple[Range, ...] = ()
    tue: tuple[Range, ...] = ()
    wed: tuple[Range, ...] = ()
    thu: tuple[Range, ...] = ()
    fri: tuple[Range, ...] = ()
    sat: tuple[Range, ...] = ()
    sun: tuple[Range, ...] = ()
