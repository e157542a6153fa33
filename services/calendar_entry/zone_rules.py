"""The rule by which a zone's clocks change every year, as tzdata states it."""

import re
from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NAME = r"<([^>]+)>|([A-Za-z]{3,})"
_SPAN = r"[+-]?\d{1,3}(?::\d{2}){0,2}"
_DATE = rf"M(\d{{1,2}})\.([1-5])\.([0-6])(?:/({_SPAN}))?"
# The last line of a compiled zone: a POSIX TZ string, which holds after all listed changes.
_POSIX = re.compile(rf"(?:{_NAME})({_SPAN})(?:(?:{_NAME})({_SPAN})?,{_DATE},{_DATE})?")
_DEFAULT_TIME = 2 * 3600
LAST_WEEK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """When an offset begins each year: a weekday of a month, and seconds from that day's midnight.

    `week` counts from 1; 5 is the month's last. The seconds may lie outside the day.
    """

    month: int
    week: int
    weekday: int  # 0 is Sunday
    seconds: int

    def local(self, year: int) -> datetime:
        """Return the onset of a year, in the local time that held until then."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 -- local, by a rule without a zone
        day = (self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1)
        if day >= monthrange(year, self.month)[1]:
            day -= 7
        return first + timedelta(days=day, seconds=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the year with one offset; a zone without changes has one, without an onset."""

    name: str
    offset: timedelta
    before: timedelta
    onset: Onset | None = None


@dataclass(frozen=True, slots=True)
class YearlyRule:
    """One phase, or the two phases of a year: standard time first, which is behind summer time."""

    phases: tuple[Phase, ...]

    def offset_at(self, instant: datetime) -> timedelta:
        """Return the distance from UTC at an instant."""
        changes = self._changes(instant.year)
        return changes[bisect_right(changes, (instant, timedelta.max)) - 1][1]

    def _changes(self, year: int) -> list[tuple[datetime, timedelta]]:
        changes = [
            ((phase.onset.local(each) - phase.before).replace(tzinfo=UTC), phase.offset)
            for phase in self.phases
            if phase.onset
            for each in (year - 1, year, year + 1)
        ]
        return sorted(changes) or [(datetime.min.replace(tzinfo=UTC), self.phases[0].offset)]


@lru_cache(maxsize=1024)
def rule_in(zone: ZoneInfo, year: int) -> YearlyRule | None:
    """Return the rule that holds during the whole local year; None where there is none.

    Morocco moves its clocks by the moon, and a zone may change its rule within the year.
    """
    rule = _last_rule(zone.key)
    if rule is None:
        return None
    # A day more on both sides: local years begin and end up to 14 hours away from UTC's.
    begins = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    moments = [begins + timedelta(days=day) for day in range(369)]
    for phase in rule.phases:
        if phase.onset:
            at = (phase.onset.local(year) - phase.before).replace(tzinfo=UTC)
            moments += (at - timedelta(seconds=1), at)
    agrees = all(
        moment.astimezone(zone).utcoffset() == rule.offset_at(moment) for moment in moments
    )
    return rule if agrees else None


@lru_cache(maxsize=1024)
def _last_rule(key: str) -> YearlyRule | None:
    """Read the rule from the zone's file in the package tzdata."""
    try:
        content = files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()
    except (OSError, ModuleNotFoundError):
        return None
    found = _POSIX.fullmatch(content.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace"))
    return _rule(found) if found else None


def _rule(found: re.Match[str]) -> YearlyRule:
    numeric, plain, behind, other_numeric, other_plain, other_behind, *dates = found.groups()
    # POSIX counts westwards.
    standard = timedelta(seconds=-_seconds(behind))
    name, other_name = numeric or plain, other_numeric or other_plain
    if other_name is None:
        return YearlyRule((Phase(name=name, offset=standard, before=standard),))
    other = standard + timedelta(hours=1)
    if other_behind is not None:
        other = timedelta(seconds=-_seconds(other_behind))
    phases = (
        Phase(name=other_name, offset=other, before=standard, onset=_onset(dates[:4])),
        Phase(name=name, offset=standard, before=other, onset=_onset(dates[4:])),
    )
    # Ireland's winter is its summer time's negative in tzdata, and nowhere else.
    return YearlyRule(tuple(sorted(phases, key=lambda phase: phase.offset)))


def _onset(date: list[str]) -> Onset:
    month, week, weekday, time = date
    return Onset(
        month=int(month),
        week=int(week),
        weekday=int(weekday),
        seconds=_DEFAULT_TIME if time is None else _seconds(time),
    )


def _seconds(span: str) -> int:
    hours, minutes, seconds = (*map(int, span.lstrip("+-").split(":")), 0, 0)[:3]
    whole = hours * 3600 + minutes * 60 + seconds
    return -whole if span.startswith("-") else whole
