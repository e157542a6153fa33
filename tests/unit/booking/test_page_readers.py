"""Readers: their language by address or browser, and how they write times and weeks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.booking.web.attendee.clock import Clock, zone_named, zones_by_region
from services.booking.web.attendee.reader import MONDAY, SATURDAY, SUNDAY, reader_of

# Thursday afternoon in Copenhagen, morning in New York.
THURSDAY = datetime(2026, 11, 26, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "accepted", "locale"),
    [
        (None, "", "en"),
        (None, "da", "da"),
        (None, "da-DK,da;q=0.9,en;q=0.8", "da-DK"),
        (None, "fr-FR,fr;q=0.9,en-US;q=0.3,da;q=0.2", "en-US"),
        (None, "en;q=0.2,da;q=0.7", "da"),
        (None, "da;q=0,en", "en"),
        (None, "fr,de", "en"),
        (None, "en,en-US;q=0.9", "en-US"),
        ("da", "en-US", "da"),
        ("en", "en-AU,en;q=0.9", "en-AU"),
        ("EN", "da", "en"),
        ("DA-dk", "en-US", "da-dk"),
        ("xx", "da", "da"),
        ("../../etc", "da", "da"),
        (None, "\x00;q=x, ,;;q=1,*", "en"),
    ],
)
def test_the_address_decides_the_language_then_the_browser(
    asked: str | None, accepted: str, locale: str
) -> None:
    assert reader_of(asked, accepted).locale == locale


@pytest.mark.parametrize(
    ("accepted", "time", "week_start"),
    [
        ("en-GB", "15:05", MONDAY),
        ("en-US", "3:05 pm", SUNDAY),
        ("en-AU", "3:05 pm", MONDAY),
        ("en-AE", "15:05", SATURDAY),
        ("da-DK", "15.05", MONDAY),
    ],
)
def test_the_region_decides_clock_and_week(accepted: str, time: str, week_start: int) -> None:
    reader = reader_of(None, accepted)

    assert Clock(reader, ZoneInfo("Europe/Copenhagen")).time(THURSDAY) == time
    assert reader.week_start == week_start


def test_dates_are_those_of_the_readers_zone() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    danish = Clock(reader_of("da", ""), ZoneInfo("Europe/Copenhagen"))
    english = Clock(reader_of("en", "en-US"), ZoneInfo("America/New_York"))

    assert danish.moment(late) == "fredag den 1. januar 2027 kl. 00.30"
    assert english.moment(late) == "Thursday 31 December 2026, 6:30 pm"
    assert english.zone_at(late) == "America/New York (UTC-05:00)"
    assert Clock(english.reader, ZoneInfo("UTC")).zone_at(late) == "UTC"


def test_a_meeting_over_midnight_names_both_days() -> None:
    clock = Clock(reader_of("en", ""), ZoneInfo("UTC"))
    start = datetime(2026, 11, 26, 23, tzinfo=UTC)

    assert clock.span(start, start + timedelta(minutes=30)) == "23:00\u201323:30"
    assert (
        clock.span(start, start + timedelta(hours=2))
        == "23:00 \u2013 Friday 27 November 2026, 01:00"
    )


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (60, "1 h"), (90, "1 h 30 min"), (1440, "24 h")]
)
def test_a_length_is_told_in_hours_and_minutes(minutes: int, words: str) -> None:
    clock = Clock(reader_of("en", ""), ZoneInfo("UTC"))

    assert clock.duration(timedelta(minutes=minutes)) == words


def test_only_real_zones_can_be_chosen() -> None:
    offered = {name for places in zones_by_region().values() for name, _ in places}

    assert {"Europe/Copenhagen", "America/New_York", "Asia/Kolkata", "UTC"} <= offered
    assert all(zone_named(name) for name in offered)
    assert [zone_named(name) for name in (None, "", "Mars/Olympus", "../etc/passwd")] == [None] * 4
