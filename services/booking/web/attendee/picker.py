"""The calendar from which a time is picked: a month, its days with free times, one day's times.

On the last days of a month its calendar is five weeks long, from today's: what is left of the month
alone would be no choice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.web.clock import Clock

Times = tuple[datetime, datetime]
WEEK = 7
LAST_DAYS, WEEKS_AHEAD = 7, 5
# Times from 22 to 2 o'clock that belong together are parted by midnight.
LATE, EARLY = 22, 2
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
    """A time to pick; `part` is the part of the day that it is in."""

    start: datetime
    label: str
    part: str


@dataclass(frozen=True, slots=True)
class Picker:
    """What is shown; `known` is False when availability did not answer.

    `first` and `last` are the days between which it lies: the month's, or those of its last weeks.
    `goes_on` is the next day if the times of the day go on after midnight.
    """

    month: date
    first: date
    last: date
    today: date
    known: bool
    weekdays: tuple[int, ...]
    weeks: tuple[tuple[Day | None, ...], ...]
    day: date | None
    times: tuple[Free, ...]
    previous_month: date | None
    next_month: date | None
    next_free_day: date | None
    goes_on: date | None

    @property
    def is_month(self) -> bool:
        """Whether the calendar is one month."""
        return self.first == self.month

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
    today = earliest.astimezone(clock.zone).date()
    first, last = period(month, today, clock.reader.week_start)
    by_day: dict[date, list[datetime]] = {}
    for start, _ in slots or ():
        if first <= (day_of := start.astimezone(clock.zone).date()) <= last:
            by_day.setdefault(day_of, []).append(start)
    is_shown = asked.day is not None and first <= asked.day <= last
    day = asked.day if is_shown else min(by_day, default=None)
    last_month = first_of(latest.astimezone(clock.zone).date())
    return Picker(
        month=month,
        first=first,
        last=last,
        today=today,
        known=slots is not None,
        weekdays=tuple((clock.reader.week_start + n) % WEEK for n in range(WEEK)),
        weeks=_weeks(_days(first, last, by_day, day, today), clock.reader.week_start),
        day=day,
        times=times_at(clock, by_day.get(day, []) if day else []),
        previous_month=previous(month) if month > first_of(today) else None,
        next_month=following(month) if month < last_month else None,
        next_free_day=next_free_day,
        goes_on=_after_midnight(clock, by_day, day) if day else None,
    )


def period(month: date, today: date, week_start: int) -> tuple[date, date]:
    """Return the first and the last day of the month's calendar."""
    last = following(month) - timedelta(days=1)
    if first_of(today) == month and (last - today).days < LAST_DAYS:
        first = today - timedelta(days=(today.weekday() - week_start) % WEEK)
        return first, first + timedelta(days=WEEKS_AHEAD * WEEK - 1)
    return month, last


def times_at(clock: Clock, starts: Sequence[datetime]) -> tuple[Free, ...]:
    """Return the times to pick; those in an hour that comes twice have an offset."""
    labels = Counter(clock.time(start) for start in starts)
    return tuple(
        Free(
            start,
            label if labels[label] == 1 else f"{label} ({clock.offset(start)})",
            _part_of_day(start.astimezone(clock.zone).hour),
        )
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


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return "night" if hour < 6 else "morning"
    return "afternoon" if hour < 18 else "evening"


def _after_midnight(
    clock: Clock, by_day: Mapping[date, Sequence[datetime]], day: date
) -> date | None:
    """Return the next day if its first times follow the last ones of this day."""
    next_day = day + timedelta(days=1)
    times, others = by_day.get(day), by_day.get(next_day)
    if not times or not others:
        return None
    late = times[-1].astimezone(clock.zone).hour >= LATE
    return next_day if late and others[0].astimezone(clock.zone).hour < EARLY else None


def _days(
    first: date,
    last: date,
    free: Mapping[date, Sequence[datetime]],
    chosen: date | None,
    today: date,
) -> list[Day]:
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
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
