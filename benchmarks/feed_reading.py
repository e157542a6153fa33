"""A calendar of 10,000 entries read for what they take, beside the library that parses it."""

import time
from datetime import UTC, datetime, timedelta

import icalendar

from benchmarks.ground import Ground
from benchmarks.measuring import Bar, Finding, in_turn
from services.availability.calendars.entries.reading import read_entries
from services.availability.calendars.port import Window

ENTRIES = 10_000
LONGEST_SECONDS = 2.0
_FIRST = datetime(2026, 1, 1, 8, tzinfo=UTC)
_WINDOW = Window(start=_FIRST, end=_FIRST + timedelta(days=800))


def feed(entries: int) -> bytes:
    """Return a calendar with as many meetings of an hour, in a zone, each with its words."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Benchmark//EN"]
    for number in range(entries):
        start = _FIRST + timedelta(hours=number)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@example.com",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;TZID=Europe/Copenhagen:{start:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=Europe/Copenhagen:{start + timedelta(hours=1):%Y%m%dT%H%M%S}",
            f"SUMMARY:Meeting {number}",
            "TRANSP:OPAQUE",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


async def measured(_: Ground, samples: int) -> Finding:
    """Measure both in turn."""
    text = feed(ENTRIES)

    async def read() -> float:
        began = time.process_time()
        found = read_entries(text, window=_WINDOW, time_zone="Europe/Copenhagen")
        used = time.process_time() - began
        if len(found.objects) != ENTRIES or found.skipped:
            raise AssertionError("not every entry was read")
        return used * 1000

    async def parsed() -> float:
        began = time.process_time()
        icalendar.Calendar.from_ical(text)
        return (time.process_time() - began) * 1000

    found, anchors = await in_turn(read, parsed, samples)
    verdict = "held" if found.median / 1000 <= LONGEST_SECONDS else "missed"
    return Finding(
        name="feed_reading",
        claim=f"what {ENTRIES:,} entries of a calendar take, read from its text",
        anchor="the library icalendar parses the text",
        unit="ms",
        bar=Bar("at most", 0.5),
        ours=found,
        anchors=anchors,
        notes=(f"At most {LONGEST_SECONDS:g} s of processor: {verdict}.",),
    )
