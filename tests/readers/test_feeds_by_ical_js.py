"""Feeds read a second time, by ical.js: where it knows the zones, it finds the same times."""

import base64
import subprocess

from services.availability.calendars.entries.reading import read_entries
from services.availability.domain.intervals import micros
from tests.readers import programs
from tests.unit.availability.feeds.feeds import FEEDS, OWNER, Feed
from tests.unit.availability.feeds.test_feeds import YEAR

READ_TWICE = [feed for feed in FEEDS if feed.same_in_ical_js]
AT_LEAST = 30


def ours(feed: Feed) -> str:
    found = read_entries(
        feed.text.encode(), window=YEAR, time_zone="Europe/Copenhagen", emails=[OWNER]
    )
    times = sorted((time.start, time.end) for each in found.objects.values() for time in each)
    return " ".join(
        f"{micros(start) // 1_000_000}/{micros(end) // 1_000_000}" for start, end in times
    )


def test_a_second_reader_finds_the_same_times() -> None:
    command = [*programs.ical_js()]
    command[1] = str(programs.HERE / "times_with_ical_js.mjs")
    lines = [base64.b64encode(feed.text.encode()).decode() for feed in READ_TWICE]

    done = subprocess.run(
        command, input="\n".join(lines), text=True, capture_output=True, check=True
    )

    theirs = done.stdout.split("\n")[: len(READ_TWICE)]
    different = {
        feed.name: (mine, other)
        for feed, mine, other in zip(READ_TWICE, map(ours, READ_TWICE), theirs, strict=True)
        if mine != other
    }
    assert different == {}
    assert len(READ_TWICE) >= AT_LEAST
