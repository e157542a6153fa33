"""What the entries of a calendar take, read from its text.

Each entry is read by itself: one that cannot be read is named, and the others count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.availability.calendars.entries.kinds import FREE_BUSY, kind_of
from services.availability.calendars.entries.lines import Component, Property, calendars
from services.availability.calendars.entries.series import occurrences, span_of
from services.availability.calendars.entries.times import (
    after,
    duration,
    instant,
    is_all_day,
    moment,
    moment_of,
)
from services.availability.calendars.entries.zones import Zones, iana_zone
from services.availability.calendars.port import BusyTime, OwnEntry, SkippedEntry, Window
from services.calendar_entry.uid import is_own_uid

_REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID", "EXDATE")
# What libraries raise about a text that is not what it should be.
_FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)
MOST_ENTRIES = 50_000
MOST_SKIPPED = 200


class TooManyEntries(Exception):
    """The calendar has more entries than are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read: times by the UID of their entry, our own entries, what was left out."""

    objects: Mapping[str, Sequence[BusyTime]]
    own: Sequence[OwnEntry]
    skipped: Sequence[SkippedEntry]
    name: str | None


@dataclass(slots=True)
class _Reading:
    window: Window
    emails: frozenset[str]
    zones: Zones
    objects: dict[str, list[BusyTime]] = field(default_factory=dict)
    own: list[OwnEntry] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def read_entries(
    text: bytes, *, window: Window, time_zone: str, emails: Sequence[str] = ()
) -> Read:
    """Return what the calendar's entries take in the window; raise NoCalendar, TooManyEntries.

    `emails` are the owner's: what they declined takes nothing. A time without a zone, and a whole
    day, are in the organizer's `time_zone`; a zone that nobody knows is read as the calendar's own.
    """
    readings = []
    name: str | None = None
    for calendar in calendars(text):
        called = _value(calendar, "X-WR-CALNAME") or _value(calendar, "NAME")
        name = name or called
        readings.append(_read_calendar(calendar, window, time_zone, [*emails, *_address(called)]))
    return Read(
        objects={key: times for each in readings for key, times in each.objects.items()},
        own=[entry for each in readings for entry in each.own],
        skipped=[
            SkippedEntry(key=key, why=why)
            for each in readings
            for key, why in list(each.skipped.items())[:MOST_SKIPPED]
        ],
        name=name,
    )


def _read_calendar(
    calendar: Component, window: Window, time_zone: str, emails: Iterable[str]
) -> _Reading:
    local = ZoneInfo(time_zone)
    fallback = iana_zone(_value(calendar, "X-WR-TIMEZONE") or "") or local
    definitions = [part for part in calendar.parts if part.name == "VTIMEZONE"]
    reading = _Reading(
        window=window,
        emails=frozenset(each.casefold() for each in emails),
        zones=Zones(definitions, local=local, fallback=fallback),
    )
    entries = [part for part in calendar.parts if part.name == "VEVENT"]
    if len(entries) > MOST_ENTRIES:
        raise TooManyEntries
    for number, group in enumerate(_by_uid(entries)):
        key = _value(group[0], "UID") or f"entry {number + 1}"
        try:
            _read_group(reading, key, group)
        except _FAULTS as fault:
            reading.objects.pop(key, None)
            reading.skipped[key] = str(fault)[:200] or type(fault).__name__
    for number, part in enumerate(each for each in calendar.parts if each.name == "VFREEBUSY"):
        try:
            _read_free_busy(reading, f"free-busy {number + 1}", part)
        except _FAULTS as fault:
            reading.skipped[f"free-busy {number + 1}"] = str(fault)[:200]
    for zone_name in reading.zones.unknown:
        reading.skipped[zone_name] = f"nobody knows this zone: its times are read in {fallback.key}"
    return reading


def _by_uid(entries: Iterable[Component]) -> Iterator[list[Component]]:
    """Yield the entries that belong together: a series and what was changed of it."""
    groups: dict[str, list[Component]] = {}
    for entry in entries:
        uid = _value(entry, "UID")
        if uid is None:
            yield [entry]
        else:
            groups.setdefault(uid, []).append(entry)
    yield from groups.values()


def _read_group(reading: _Reading, key: str, group: Sequence[Component]) -> None:
    if is_own_uid(key):
        reading.own.append(_own_entry(reading, key, group[-1]))
    elif any(entry.has(*_REPEATS) for entry in group):
        reading.objects[key] = list(_series(reading, group))
    else:
        # Of two with one UID the newer one counts: some servers keep both.
        newest = max(group, key=lambda entry: int(_value(entry, "SEQUENCE") or 0))
        reading.objects[key] = list(_single(reading, newest))


def _single(reading: _Reading, entry: Component) -> Iterator[BusyTime]:
    kind = kind_of(
        transparency=entry.value("TRANSP"),
        status=entry.value("STATUS"),
        outlook=entry.value("X-MICROSOFT-CDO-BUSYSTATUS"),
        own_answer=_own_answer(reading, entry),
    )
    start, end = _span(reading, entry)
    if kind is not None:
        time = _time(reading, start, end, kind)
        if time is not None:
            yield time


def _span(reading: _Reading, entry: Component) -> tuple[datetime | date, datetime | date]:
    begins = entry.first("DTSTART")
    if begins is None:
        raise ValueError("it has no start")
    start = moment_of(begins, reading.zones)
    if ends := entry.first("DTEND"):
        return start, moment_of(ends, reading.zones)
    if lasts := entry.first("DURATION"):
        return start, after(start, *duration(lasts.value))
    return start, start + timedelta(days=1) if is_all_day(start) else start


def _series(reading: _Reading, group: Sequence[Component]) -> Iterator[BusyTime]:
    window = reading.window
    for each in occurrences(group, reading.zones, window.start, window.end):
        kind = kind_of(
            transparency=str(each.get("TRANSP", "")).upper(),
            status=str(each.get("STATUS", "")).upper(),
            outlook=str(each.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper(),
            own_answer=_answer_in(reading, each.get("ATTENDEE", [])),
        )
        time = _time(reading, *span_of(each), kind) if kind is not None else None
        if time is not None:
            yield time


def _time(
    reading: _Reading, start: datetime | date, end: datetime | date, kind: Any
) -> BusyTime | None:
    """Return the time, None for one that takes nothing or is outside the window."""
    begins, ends = instant(start, reading.zones.local), instant(end, reading.zones.local)
    if ends < begins:
        raise ValueError("it ends before it begins")
    if begins == ends or ends <= reading.window.start or begins >= reading.window.end:
        return None
    return BusyTime(start=begins, end=ends, kind=kind, all_day=is_all_day(start))


def _own_entry(reading: _Reading, uid: str, entry: Component) -> OwnEntry:
    start, end = _span(reading, entry)
    gone = entry.value("STATUS") == "CANCELLED"
    return OwnEntry(
        booking_uid=uid,
        key=uid,
        version=_value(entry, "SEQUENCE"),
        start=None if gone else instant(start, reading.zones.local),
        end=None if gone else instant(end, reading.zones.local),
    )


def _own_answer(reading: _Reading, entry: Component) -> str:
    for each in entry.all("ATTENDEE"):
        if _mail(each.value) in reading.emails:
            return each.parameters.get("PARTSTAT", "").upper()
    return ""


def _answer_in(reading: _Reading, attendees: Any) -> str:
    for each in attendees if isinstance(attendees, list) else [attendees]:
        if _mail(str(each)) in reading.emails:
            return str(each.params.get("PARTSTAT", "")).upper()
    return ""


def _read_free_busy(reading: _Reading, key: str, part: Component) -> None:
    times: list[BusyTime] = []
    for line in part.all("FREEBUSY"):
        kind = FREE_BUSY.get(line.parameters.get("FBTYPE", "BUSY").upper(), "busy")
        for period in line.value.split(","):
            time = _time(reading, *_period(period, line, reading.zones), kind)
            times += [time] if time is not None else []
    reading.objects[key] = times


def _period(text: str, line: Property, zones: Zones) -> tuple[datetime | date, datetime | date]:
    begins, _, ends = text.strip().partition("/")
    start = moment(begins, zones, line.parameters.get("TZID"))
    if ends.lstrip("+-").startswith("P"):
        return start, after(start, *duration(ends))
    return start, moment(ends, zones, line.parameters.get("TZID"))


def _value(component: Component, name: str) -> str | None:
    found = component.first(name)
    return found.value.strip() or None if found else None


def _address(name: str | None) -> list[str]:
    """Return the owner's address where the calendar is called after it."""
    return [name] if name and "@" in name else []


def _mail(value: str) -> str:
    return value.strip().casefold().removeprefix("mailto:")
