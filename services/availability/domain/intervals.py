"""Half-open intervals of instants, as pairs of integers: microseconds since 1970 in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]

MINUTE = 60_000_000
DAY = 1440 * MINUTE

_FOREVER = 1 << 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(instant: datetime) -> int:
    """Return the instant as an integer, exactly."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> datetime:
    """Return the integer as an instant in UTC."""
    return _EPOCH + timedelta(microseconds=at)


def merge(intervals: Iterable[Interval], gap: int = 0) -> list[Interval]:
    """Return the same instants as sorted, disjoint intervals.

    Those that meet become one, or that have no more than the gap between them.
    """
    merged: list[Interval] = []
    begun, last = 0, -_FOREVER
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if start > last + gap:
            if last != -_FOREVER:
                merged.append((begun, last))
            begun, last = start, end
        elif end > last:
            last = end
    if last != -_FOREVER:
        merged.append((begun, last))
    return merged
