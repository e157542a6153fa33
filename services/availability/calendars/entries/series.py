"""Entries that repeat, expanded by the library; what would never end is refused before."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from services.availability.calendars.entries.lines import Component, property_of
from services.availability.calendars.entries.times import (
    instant,
    is_all_day,
    moment,
    moment_of,
)
from services.availability.calendars.entries.zones import Zones, iana_zone

# What expansion and the table of kinds need; the words of an entry are left behind.
_KEPT = frozenset(
    {
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "RECURRENCE-ID",
        "SEQUENCE",
        "TRANSP",
        "STATUS",
        "ATTENDEE",
        "X-MICROSOFT-CDO-BUSYSTATUS",
    }
)
_UNTIL = re.compile(r"UNTIL=(\d{8})(?=;|\s*$)", re.IGNORECASE)
MOST_A_DAY = 48
MOST_OCCURRENCES = 20_000
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})


class Refused(ValueError):
    """The series is not expanded; the text says why."""


def occurrences(
    series: Sequence[Component], zones: Zones, start: datetime, end: datetime
) -> Iterator[Any]:
    """Yield the occurrences that touch the time; raise Refused, ValueError."""
    for each in series:
        _check(each)
    text = _text(series, zones)
    found = recurring_ical_events.of(Calendar.from_ical(text), keep_recurrence_attributes=False)
    for count, occurrence in enumerate(found.between(start, end)):
        if count >= MOST_OCCURRENCES:
            raise Refused("it repeats too often")
        yield occurrence


def _check(component: Component) -> None:
    for rule in (*component.all("RRULE"), *component.all("EXRULE")):
        parts = dict(part.split("=", 1) for part in rule.value.upper().split(";") if "=" in part)
        _check_rule(parts)


def _check_rule(parts: Mapping[str, str]) -> None:
    frequency, interval = parts.get("FREQ", ""), parts.get("INTERVAL", "1")
    if frequency in _TOO_OFTEN:
        raise Refused("it repeats more often than every hour")
    if not interval.isdigit() or int(interval) < 1:
        raise Refused("its interval is not at least 1")
    a_day = 24 if frequency == "HOURLY" else 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= len(parts.get(name, "").split(","))
    if a_day > MOST_A_DAY:
        raise Refused("it repeats too often in a day")


def _text(series: Sequence[Component], zones: Zones) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bookwith//Bookwith 1//EN"]
    lines += [each.text().rstrip("\r\n") for each in zones.own_definitions(series)]
    for component in series:
        lines.append("BEGIN:VEVENT")
        for line in component.lines:
            name = line.split(":")[0].split(";")[0].upper()
            if name == "RRULE":
                lines.append(_to_the_end_of_its_day(line, component, zones))
            elif name in _KEPT:
                lines.append(_in_known_zone(line, zones))
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _in_known_zone(line: str, zones: Zones) -> str:
    """Return the line with the name that IANA has for its zone."""
    if "TZID" not in line.upper():
        return line
    found = property_of(line)
    name = found.parameters.get("TZID")
    if name is None or zones.is_own(name):
        return line
    known = iana_zone(name) or zones.fallback
    _ = zones.zone(name)  # one that nobody knows is reported
    more = "".join(
        f';{key}="{value}"' if set(value) & set(":;,") else f";{key}={value}"
        for key, value in found.parameters.items()
        if key != "TZID"
    )
    return f"{found.name};TZID={known.key}{more}:{found.value}"


def _to_the_end_of_its_day(line: str, component: Component, zones: Zones) -> str:
    """Return the rule; one that ends with a date ends with that day, if its entry has a time."""
    found, begins = _UNTIL.search(line), component.first("DTSTART")
    if found is None or begins is None:
        return line
    start = moment_of(begins, zones)
    if is_all_day(start):
        return line
    last = moment(f"{found[1]}T235959", zones, begins.parameters.get("TZID"))
    if begins.value.strip().upper().endswith("Z"):
        last = moment(f"{found[1]}T235959Z", zones, None)
    until = f"{instant(last, zones.local):%Y%m%dT%H%M%SZ}"
    return f"{line[: found.start()]}UNTIL={until}{line[found.end() :]}"


def span_of(occurrence: Any) -> tuple[datetime | date, datetime | date]:
    """Return when an occurrence begins and ends."""
    start, end = occurrence["DTSTART"].dt, occurrence["DTEND"].dt
    if isinstance(start, datetime) and start.tzinfo is not None:
        return start.astimezone(UTC), end.astimezone(UTC)
    return start, end
