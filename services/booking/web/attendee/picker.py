"""The calendar from which a time is picked: a month, its days with free times, one day's times."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.web.clock import Clock

Times = tuple[datetime, datetime]
WEEK = 7
YEARS = range(2000, 2201)


@dataclass(frozen=True, slots=True)
class Asked:
    """The month and day in the address; None is chosen here."""

    month: date | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar; `free` is how many times it has."""

    date: date
    free: int
    chosen: bool
    today: bool


@dataclass(frozen=True, slots=True)
class Free:
    """A time to pick."""

    start: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Picker:
    """What is shown; `known` is False when availability did not answer."""

    month: date
    known: bool
    weekdays: tuple[int, ...]
    weeks: tuple[tuple[Day | None, ...], ...]
    day: date | None
    times: tuple[Free, ...]
    previous_month: date | None
    next_month: date | None
    next_free_day: date | None

    @property
    def middle(self) -> datetime | None:
        """The middle one of the times: most of them are on its day in any other zone."""
        return self.times[(len(self.times) - 1) // 2].start if self.times else None

    def offers(self, start: datetime) -> bool:
        """Tell whether the start is among the times of the day that is shown."""
        return any(free.start == start for free in self.times)

    @property
    def is_empty(self) -> bool:
        """Whether the month has no free time at all."""
        return self.known and not any(day and day.free for week in self.weeks for day in week)


def asked_for(*, month: str | None, day: str | None, at: str | None, zone: ZoneInfo) -> Asked:
    """Return what the texts in an address ask for; what cannot be read asks for nothing.

    `at` is an instant: its day in the zone is asked for, whatever zone the address had before.
    """
    if day_at := _day_of(at, zone):
        return Asked(first_of(day_at), day_at)
    named_day = _date(day)
    return Asked(_date(f"{month}-01") or (named_day and first_of(named_day)), named_day)


def within(asked: Asked, earliest: datetime, latest: datetime, clock: Clock) -> date:
    """Return the month to show: the one that is asked for, if there can be free times in it."""
    first = first_of(earliest.astimezone(clock.zone).date())
    last = first_of(latest.astimezone(clock.zone).date())
    return min(max(asked.month or first, first), last)


def pick(
    clock: Clock,
    asked: Asked,
    month: date,
    slots: Sequence[Times] | None,
    *,
    next_free_day: date | None,
    earliest: datetime,
    latest: datetime,
) -> Picker:
    """Return the month's picker; without slots it is not known which times are free."""
    by_day: dict[date, list[datetime]] = {}
    for start, _ in slots or ():
        by_day.setdefault(start.astimezone(clock.zone).date(), []).append(start)
    day = asked.day if asked.day and first_of(asked.day) == month else min(by_day, default=None)
    today = earliest.astimezone(clock.zone).date()
    last = first_of(latest.astimezone(clock.zone).date())
    days = _days(month, by_day, day, today)
    return Picker(
        month=month,
        known=slots is not None,
        weekdays=tuple((clock.reader.week_start + n) % WEEK for n in range(WEEK)),
        weeks=_weeks(days, clock.reader.week_start),
        day=day,
        times=times_at(clock, by_day.get(day, []) if day else []),
        previous_month=previous(month) if month > first_of(today) else None,
        next_month=following(month) if month < last else None,
        next_free_day=next_free_day,
    )


def times_at(clock: Clock, starts: Sequence[datetime]) -> tuple[Free, ...]:
    """Return the times to pick; those in an hour that comes twice have an offset."""
    labels = Counter(clock.time(start) for start in starts)
    return tuple(
        Free(start, label if labels[label] == 1 else f"{label} ({clock.offset(start)})")
        for start in starts
        for label in [clock.time(start)]
    )


def first_of(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def following(month: date) -> date:
    """Return the next month."""
    return first_of(month + timedelta(days=31))


def previous(month: date) -> date:
    """Return the month before."""
    return first_of(month - timedelta(days=1))


def _days(
    month: date, free: Mapping[date, Sequence[datetime]], chosen: date | None, today: date
) -> list[Day]:
    length = (following(month) - month).days
    dates = [month + timedelta(days=n) for n in range(length)]
    return [Day(each, len(free.get(each, ())), each == chosen, each == today) for each in dates]


def _weeks(days: Sequence[Day], week_start: int) -> tuple[tuple[Day | None, ...], ...]:
    before = (days[0].date.weekday() - week_start) % WEEK
    cells: list[Day | None] = [*[None] * before, *days]
    cells += [None] * (-len(cells) % WEEK)
    return tuple(tuple(cells[at : at + WEEK]) for at in range(0, len(cells), WEEK))


def _day_of(at: str | None, zone: ZoneInfo) -> date | None:
    try:
        instant = datetime.fromisoformat(at or "")
    except ValueError:
        return None
    aware = instant.tzinfo is not None and instant.year in YEARS
    return instant.astimezone(zone).date() if aware else None


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.year in YEARS else None
