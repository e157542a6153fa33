"""A zone's definition for a calendar file, in the form that Outlook, Google and Apple write.

One STANDARD and, where clocks change, one DAYLIGHT, each with its yearly RRULE: what has no RRULE
some readers read an hour off.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.calendar_entry.zone_rules import LAST_WEEK, Onset, Phase, YearlyRule, rule_in

_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_DAY = 86400
_FIRST_YEAR = 1970
# A year in which no day of a rule's week is a leap day.
_COMMON_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Definition:
    """A zone's definition, and how near to a clock change not every reader understands it.

    Within a day of a change ical4j and ical.js read some local times an hour off, and a local time
    of the repeated hour always means its first pass (RFC 5545 3.3.5). ical4j takes a month's second
    Sunday for the first one after its second day.
    """

    lines: tuple[str, ...]
    unsure_before: timedelta
    unsure_after: timedelta = timedelta(days=1)


@lru_cache(maxsize=1024)
def time_zone(zone: ZoneInfo, first_year: int, last_year: int) -> Definition | None:
    """Return the definition for local times of the years; None if no rule gives them."""
    rules = {rule_in(zone, year) for year in range(first_year, last_year + 1)}
    rule = rules.pop()
    if rules or rule is None:
        return None
    return _definition(zone.key, rule)


def _definition(key: str, rule: YearlyRule) -> Definition | None:
    lines = ["BEGIN:VTIMEZONE", f"TZID:{key}"]
    for kind, phase in zip(("STANDARD", "DAYLIGHT"), rule.phases, strict=False):
        begins = _begins(phase)
        if begins is None:
            return None
        lines += [
            f"BEGIN:{kind}",
            *begins,
            f"TZOFFSETFROM:{_offset(phase.before)}",
            f"TZOFFSETTO:{_offset(phase.offset)}",
            f"TZNAME:{phase.name}",
            f"END:{kind}",
        ]
    weeks = [phase.onset.week for phase in rule.phases if phase.onset]
    numbered = max((week for week in weeks if week != LAST_WEEK), default=1)
    return Definition((*lines, "END:VTIMEZONE"), timedelta(days=7 * (numbered - 1) + 1))


def _begins(phase: Phase) -> tuple[str, ...] | None:
    """Return DTSTART and RRULE; None for an onset that no RRULE can say."""
    onset = phase.onset
    if onset is None:
        return (f"DTSTART:{_FIRST_YEAR}0101T000000",)
    days_off, first = onset.seconds // _DAY, onset.local(_FIRST_YEAR)
    if not days_off:
        days = _nth_weekday(onset)
    elif onset.seconds == _DAY:
        # The midnight that ends a day: as Outlook writes it, for it knows weekdays by number only.
        days, first = _nth_weekday(onset), first - timedelta(seconds=1)
    else:
        days = _weekday_among_days(onset, days_off)
    if not days:
        return None
    return _instant(first), f"RRULE:FREQ=YEARLY;BYMONTH={onset.month};{days}"


def _nth_weekday(onset: Onset) -> str:
    number = -1 if onset.week == LAST_WEEK else onset.week
    return f"BYDAY={number}{_WEEKDAYS[onset.weekday]}"


def _weekday_among_days(onset: Onset, days_off: int) -> str:
    """Return the rule for an onset some days off its weekday; empty if it may leave the month."""
    length = monthrange(_COMMON_YEAR, onset.month)[1]
    last = length if onset.week == LAST_WEEK else 7 * onset.week
    days = range(last - 6 + days_off, last + 1 + days_off)
    if days[0] < 1 or days[-1] > length:
        return ""
    weekday = _WEEKDAYS[(onset.weekday + days_off) % 7]
    return f"BYDAY={weekday};BYMONTHDAY={','.join(map(str, days))}"


def _instant(local: datetime) -> str:
    return f"DTSTART:{local:%Y%m%dT%H%M%S}"


def _offset(offset: timedelta) -> str:
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{minutes // 60:02}{minutes % 60:02}{f'{seconds:02}' if seconds else ''}"
