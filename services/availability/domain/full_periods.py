"""Days and weeks that are full: as many meetings of a type as attendees may book in them.

The count is booking's, which refuses one more: by the day or week in which a meeting begins.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.availability.domain.busy import Claim
from services.availability.domain.intervals import micros

Limit = Literal["max_per_day", "max_per_week"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many meetings of a type attendees may book in a day and in a week."""

    per_day: int | None = None
    per_week: int | None = None


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FullPeriod:
    """A day or week in which no more meetings may begin, from `begin` up to but not at `end`."""

    limit: Limit
    most: int
    begin: int
    end: int


def full_periods(
    limits: Limits, zone: ZoneInfo, claims: Iterable[Claim], now: datetime, own: UUID | None = None
) -> tuple[FullPeriod, ...]:
    """Return the days and weeks, in the organizer's zone, that are full by the claims.

    A hold that is over and the booking that is moved are not counted. A booking whose new time is
    asked for has two times, and counts once in each day or week with one.
    """
    if limits == NO_LIMITS:
        return ()
    taken = {
        (claim.start.astimezone(zone).date(), claim.booking_id)
        for claim in claims
        if claim.is_of_type and claim.booking_id != own and claim.is_live(now)
    }
    return (
        *_full("max_per_day", limits.per_day, 1, zone, taken, lambda day: day),
        *_full("max_per_week", limits.per_week, 7, zone, taken, _monday),
    )


def _full(
    limit: Limit,
    most: int | None,
    days: int,
    zone: ZoneInfo,
    taken: Iterable[tuple[date, UUID]],
    first_day: Callable[[date], date],
) -> Iterator[FullPeriod]:
    if most is None:
        return
    counts = Counter(first for first, _ in {(first_day(day), id_) for day, id_ in taken})
    for first, count in counts.items():
        if count >= most:
            end = first + timedelta(days=days)
            yield FullPeriod(limit, most, _midnight(first, zone), _midnight(end, zone))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(day: date, zone: ZoneInfo) -> int:
    return micros(datetime.combine(day, time(), zone))
