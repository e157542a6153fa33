"""Half-open intervals of instants, as pairs of integers: microseconds since 1970 in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]

MINUTE = 60_000_000
DAY = 1440 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(instant: datetime) -> int:
    """Return the instant as an integer, exactly."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> datetime:
    """Return the integer as an instant in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same instants as sorted, disjoint intervals; those that meet become one."""
    merged: list[Interval] = []
    last = None
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if last is not None and start <= last:
            if end > last:
                merged[-1] = (merged[-1][0], end)
                last = end
        else:
            merged.append((start, end))
            last = end
    return merged
