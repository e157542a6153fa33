"""Times as their reader's clock shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.chassis.web.catalogues import SHARED_WORDS, catalogue
from services.chassis.web.clock import Clock
from services.chassis.web.readers import reader_by_locale
from services.chassis.web.zones import zone_of

EN_DASH = "\u2013"


def clock_of(locale: str, time_zone: str) -> Clock:
    return Clock(reader_by_locale(catalogue(SHARED_WORDS), locale), zone_of(time_zone))


@pytest.mark.parametrize(
    ("locale", "zone", "start", "minutes", "expected"),
    [
        (
            "en",
            "Europe/Copenhagen",
            "2026-12-03T09:00Z",
            30,
            "Thursday 3 December 2026, 10:00-10:30 (Europe/Copenhagen, UTC+01:00)",
        ),
        (
            "en-GB",
            "Europe/London",
            "2026-07-01T12:00Z",
            90,
            "Wednesday 1 July 2026, 13:00-14:30 (Europe/London, UTC+01:00)",
        ),
        (
            "en-US",
            "America/New_York",
            "2026-07-01T16:00Z",
            60,
            "Wednesday 1 July 2026, 12:00 pm-1:00 pm (America/New_York, UTC-04:00)",
        ),
        (
            "en_US",
            "Asia/Kolkata",
            "2026-07-01T18:30Z",
            15,
            "Thursday 2 July 2026, 12:00 am-12:15 am (Asia/Kolkata, UTC+05:30)",
        ),
        (
            "da-DK",
            "Europe/Copenhagen",
            "2026-08-08T12:05Z",
            30,
            "lørdag den 8. august 2026 kl. 14.05-14.35 (Europe/Copenhagen, UTC+02:00)",
        ),
        (
            "da",
            "Pacific/Auckland",
            "2026-12-31T10:45Z",
            30,
            (
                "torsdag den 31. december 2026 kl. 23.45 - fredag den 1. januar 2027 kl. 00.15"
                " (Pacific/Auckland, UTC+13:00)"
            ),
        ),
        (
            "en",
            "Europe/Copenhagen",
            "2026-10-25T00:30Z",
            60,
            "Sunday 25 October 2026, 02:30-02:30 (Europe/Copenhagen, UTC+02:00 → UTC+01:00)",
        ),
        (
            "ca",
            "Europe/Copenhagen",
            "2026-12-03T15:00Z",
            30,
            "Thursday 3 December 2026, 16:00-16:30 (Europe/Copenhagen, UTC+01:00)",
        ),
        (
            "xx-ÆØ",
            "UTC",
            "2026-12-03T09:00Z",
            30,
            "Thursday 3 December 2026, 09:00-09:30 (UTC, UTC+00:00)",
        ),
    ],
)
def test_a_meeting_is_told_in_the_readers_zone_language_and_clock(
    locale: str, zone: str, start: str, minutes: int, expected: str
) -> None:
    begins = datetime.fromisoformat(start)
    ends = begins + timedelta(minutes=minutes)

    assert expected == clock_of(locale, zone).when_with_zone(begins, ends).replace(EN_DASH, "-")


def test_a_moment_is_short_enough_for_a_subject() -> None:
    instant = datetime(2026, 12, 3, 9, tzinfo=UTC)

    assert clock_of("en", "Europe/Oslo").moment(instant) == "Thursday 3 December 2026, 10:00"
    assert clock_of("da", "Europe/Oslo").moment(instant) == "torsdag den 3. december 2026 kl. 10.00"


def test_dates_are_those_of_the_readers_zone() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    danish = clock_of("da", "Europe/Copenhagen")
    english = clock_of("en-US", "America/New_York")

    assert danish.moment(late) == "fredag den 1. januar 2027 kl. 00.30"
    assert english.moment(late) == "Thursday 31 December 2026, 6:30 pm"
    assert english.zone_at(late) == "America/New York (UTC-05:00)"
    assert Clock(english.reader, ZoneInfo("UTC")).zone_at(late) == "UTC"


def test_a_meeting_over_midnight_names_both_days() -> None:
    clock = clock_of("en", "UTC")
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
    clock = clock_of("en", "UTC")

    assert clock.duration(timedelta(minutes=minutes)) == words
