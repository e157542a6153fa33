"""Calendar files as icalendar, ical4j and ical.js understand them: all the same, as meant."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from services.calendar_entry.entry import Entry, Party
from services.calendar_entry.file import build
from services.chassis.web.plain_text import one_line, paragraphs
from tests.letters import HOSTILE, SLOT
from tests.readers.reading import READERS, Reader, Understood, ical4j

NOW = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "mail").glob("*.ics"))
# Both hemispheres; changes of half an hour and of two, at midnight, before it, at the end of a day;
# winter as the negative of summer; by the moon; a zone that ends its summer time; none at all.
ZONES = [
    "Europe/Copenhagen", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Athens",
    "Europe/Moscow", "Europe/Istanbul", "Europe/Chisinau", "Atlantic/Azores", "Atlantic/Reykjavik",
    "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Vancouver",
    "America/Phoenix", "America/St_Johns", "America/Havana", "America/Nuuk", "America/Scoresbysund",
    "America/Santiago", "America/Sao_Paulo", "America/Asuncion", "America/Mexico_City",
    "Africa/Casablanca", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos",
    "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran",
    "Asia/Tokyo", "Asia/Shanghai", "Antarctica/Troll", "Antarctica/Macquarie",
    "Australia/Sydney", "Australia/Adelaide", "Australia/Brisbane", "Australia/Lord_Howe",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Easter", "Pacific/Kiritimati",
    "Pacific/Norfolk", "Etc/UTC", "Etc/GMT+5",
]  # fmt: skip
YEARS = range(2026, 2031)
# No zone definition that a file may hold in place of a yearly rule is understood by everybody.
WITHOUT_RULE = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Bookwith//Tests//EN\r
BEGIN:VTIMEZONE\r
TZID:Europe/Copenhagen\r
BEGIN:DAYLIGHT\r
DTSTART:20260329T020000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
DTSTART:20261025T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:1@bookwith\r
DTSTAMP:20261120T081500Z\r
DTSTART;TZID=Europe/Copenhagen:20261203T100000\r
DTEND;TZID=Europe/Copenhagen:20261203T103000\r
END:VEVENT\r
END:VCALENDAR\r
"""


def entry(zone: str, start: datetime, minutes: int = 30, text: str = "Intro") -> Entry:
    return Entry(
        uid="0199@bookwith",
        sequence=0,
        start=start,
        end=start + timedelta(minutes=minutes),
        zone=ZoneInfo(zone),
        organizer=Party(text, "anna@bookwith.example"),
        attendees=(Party(text, "soes@visitor.example"),),
        summary=text,
        location=text,
        description=f"{text}\n{text}",
    )


def file_of(each: Entry) -> bytes:
    return build(each, method="REQUEST", dtstamp=NOW)


def changes_of(zone: ZoneInfo, year: int) -> list[datetime]:
    """Return the days on which the zone's offset changes."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(366)]
    return [
        day
        for day, following in itertools.pairwise(days)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset()
    ]


@lru_cache
def entries() -> Sequence[Entry]:
    """Return meetings of every zone and year: in January, in July, and around a clock change."""
    chance = Random("meetings of every zone and year")
    found = []
    for zone, year in itertools.product(ZONES, YEARS):
        for month in (1, 7):
            day = datetime(year, month, 1, tzinfo=UTC)
            start = day + timedelta(minutes=5 * chance.randrange(28 * 24 * 12))
            found.append(entry(zone, start, 5 * chance.randint(1, 288)))
        if changes := changes_of(ZoneInfo(zone), year):
            start = chance.choice(changes) + timedelta(minutes=30 * chance.randrange(52))
            found.append(entry(zone, start))
    return found


def differing(
    meant: Sequence[Entry], understood: Sequence[Understood]
) -> list[tuple[Entry, Understood]]:
    return [
        (each, read)
        for each, read in zip(meant, understood, strict=True)
        if (read.start, read.end) != (each.start, each.end)
    ]


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_instants_of_every_golden_mail(reader: Reader) -> None:
    assert GOLDEN
    understood = reader([file.read_bytes() for file in GOLDEN])

    found = {
        file.stem: (read.start, read.end) for file, read in zip(GOLDEN, understood, strict=True)
    }
    assert {file.stem: (SLOT.start, SLOT.end) for file in GOLDEN} == found


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_instants_of_meetings_in_every_zone_and_year(reader: Reader) -> None:
    assert [] == differing(entries(), reader([file_of(each) for each in entries()]))


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_words_that_were_typed(reader: Reader) -> None:
    meant = [entry("Europe/Copenhagen", SLOT.start, text=text) for text in HOSTILE.values()]
    understood = reader([file_of(each) for each in meant])

    for each, read in zip(meant, understood, strict=True):
        assert (each.start, each.end) == (read.start, read.end)
        assert one_line(each.summary, 300) == read.summary
        assert one_line(each.location, 500) == read.location
        # A sign without width keeps a backslash from the line end that ical4j would take it for.
        assert paragraphs(each.description, 5000) == read.description.replace("\\\u200b", "\\")


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_finds_the_colour_and_the_category(reader: Reader) -> None:
    plain = entry("Europe/Copenhagen", SLOT.start)
    blue = replace(plain, category="A second opinion; over coffee", colour="#1a73e8")
    understood = reader([file_of(plain), file_of(blue)])

    assert [("", ""), ("A second opinion; over coffee", "royalblue")] == [
        (read.category.replace("\\;", ";"), read.colour) for read in understood
    ]


def test_the_readers_notice_a_definition_without_a_yearly_rule() -> None:
    (understood,) = ical4j([WITHOUT_RULE])

    assert understood.start is not None
    assert understood.start != SLOT.start
