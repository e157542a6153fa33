"""The slots that an organizer offers."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.availability.domain.busy import NO_BUFFERS, Buffers
from services.availability.domain.full_periods import NO_LIMITS, FullPeriod, Limits
from services.availability.domain.hours import DateOverrides, WeeklyHours, Window, windows
from services.availability.domain.intervals import DAY, MINUTE, Interval, instant, micros

_LONGEST_HORIZON = 365 * DAY
_STRETCH = 35 * DAY
_FOREVER = micros(datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class MeetingType:
    """What of a meeting type decides its times."""

    duration_minutes: int
    increment_minutes: int
    min_lead_minutes: int
    max_lead_minutes: int
    time_zone: str
    hours: WeeklyHours
    date_overrides: DateOverrides = ()
    buffers: Buffers = NO_BUFFERS
    more_durations_minutes: tuple[int, ...] = ()
    limits: Limits = NO_LIMITS

    @property
    def durations_minutes(self) -> tuple[int, ...]:
        """Return the durations to choose from; the first is the default."""
        return (self.duration_minutes, *self.more_durations_minutes)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that decides what is offered at one moment; `busy` is sorted and disjoint."""

    meeting_type: MeetingType | None
    page_open: bool
    busy: Sequence[Interval]
    now: datetime
    by_organizer: bool = False
    enabled: bool = True
    has_buffers: bool = False
    full: Sequence[FullPeriod] = ()
    calendar_known: bool = True

    @property
    def is_open(self) -> bool:
        """Whether anything may be booked at all."""
        return self.page_open and self.enabled and self.calendar_known


def offered(offer: Offer, start: datetime, end: datetime) -> list[int]:
    """Return the starts, as integers, that are offered in the time from start to end, in order."""
    if offer.meeting_type is None or not offer.is_open:
        return []
    return _starts(offer.meeting_type, offer, micros(start), micros(end))


def next_free_day(offer: Offer, start: datetime, zone: ZoneInfo) -> date | None:
    """Return the first day, in the visitor's zone, on which a slot starts at or after start."""
    if offer.meeting_type is None or not offer.is_open:
        return None
    earliest, latest = bounds(offer.meeting_type, offer)
    end = min(latest, earliest + _LONGEST_HORIZON)
    for at in range(max(earliest, micros(start)), end, _STRETCH):
        if starts := _starts(offer.meeting_type, offer, at, min(at + _STRETCH, end)):
            return instant(starts[0]).astimezone(zone).date()
    return None


def bounds(meeting_type: MeetingType, offer: Offer) -> Interval:
    """Return the earliest start, and the one from which on it is too far ahead.

    The organizer is not bound by lead times, only to the future.
    """
    now = micros(offer.now)
    if offer.by_organizer:
        return now + 1, _FOREVER
    return (
        now + meeting_type.min_lead_minutes * MINUTE,
        now + meeting_type.max_lead_minutes * MINUTE,
    )


def sweep(
    open_: Iterable[Window], busy: Sequence[Interval], within: Interval, length: int, step: int
) -> list[int]:
    """Return the free starts within the bounds, passing once over windows and busy times."""
    earliest, latest = within
    starts: list[int] = []
    following, count = 0, len(busy)
    for begin, until, end in open_:
        last = min(end - length, until - 1, latest - 1)
        at = begin if begin >= earliest else begin - (begin - earliest) // step * step
        while at <= last:
            while following < count and busy[following][1] <= at:
                following += 1
            free = last if following == count else min(last, busy[following][0] - length)
            if at <= free:
                run = range(at, free + 1, step)
                starts.extend(run)
                at = run[-1] + step
            else:
                at = begin - (begin - busy[following][1]) // step * step
    return starts


def _starts(meeting_type: MeetingType, offer: Offer, start: int, end: int) -> list[int]:
    earliest, latest = bounds(meeting_type, offer)
    within = max(start, earliest), min(end, latest)
    if within[0] >= within[1]:
        return []
    starts = sweep(
        _windows_on(
            meeting_type.hours,
            meeting_type.date_overrides,
            meeting_type.time_zone,
            within[0] // DAY,
            -(-within[1] // DAY),
        ),
        offer.busy,
        within,
        meeting_type.duration_minutes * MINUTE,
        meeting_type.increment_minutes * MINUTE,
    )
    for period in offer.full:
        del starts[bisect_left(starts, period.begin) : bisect_left(starts, period.end)]
    return starts


@lru_cache(maxsize=256)  # of whole days: the same ones are asked for again, whatever the clock says
def _windows_on(
    hours: WeeklyHours, overrides: DateOverrides, zone: str, first: int, last: int
) -> Sequence[Window]:
    """Return the windows that touch the days from the first until the last, counted from 1970."""
    return tuple(windows(hours, ZoneInfo(zone), first * DAY, last * DAY, overrides))
