"""Dates on which other hours count than those of the week, in the organizer's local time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.booking.domain.refusals import Fault
from services.booking.domain.weekly_hours import Range, ranges_faults

MOST_OVERRIDES = 366
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class DateOverride:
    """The ranges that begin on one date, `YYYY-MM-DD`; without any it is closed."""

    date: str
    ranges: tuple[Range, ...] = ()


def date_override_faults(overrides: Sequence[DateOverride]) -> Iterator[Fault]:
    """Yield what is wrong with the dates and their ranges."""
    if len(overrides) > MOST_OVERRIDES:
        yield Fault("/date_overrides", f"Must be at most {MOST_OVERRIDES} dates.")
    for override in overrides:
        if _is_date(override.date):
            yield from ranges_faults(f"/date_overrides/{override.date}", override.ranges)
        else:  # whatever it is called
            yield Fault(
                "/date_overrides",
                f"Must be named by dates from {_FIRST} to {_LAST}, such as 2027-12-24.",
            )


def _is_date(text: str) -> bool:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10 and _FIRST <= found <= _LAST
