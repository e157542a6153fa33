"""Times as their reader's clock shows them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.chassis.web.catalogues import SHARED_WORDS, catalogue
from services.chassis.web.clock import Clock, clock_in
from services.chassis.web.readers import reader_by_locale
from services.chassis.web.zones import UnknownZone

EN_DASH = "\u2013"


def clock_of(locale: str, time_zone: str) -> Clock:
    return clock_in(reader_by_locale(catalogue(SHARED_WORDS), locale), time_zone)


@pytest.mark.parametrize(
    ("locale", "zone", "start", "minutes", "expected"),
    [
        (
            "en",
            "Europe/Copenhagen",
            "2026-12-03T09:00Z",
            30,
            "Thursday, 3 December 2026, 10:00-10:30 (Europe/Copenhagen, UTC+01:00)",
        ),
        (
            "en-GB",
            "Europe/London",
            "2026-07-01T12:00Z",
            90,
            "Wednesday, 1 July 2026, 13:00-14:30 (Europe/London, UTC+01:00)",
        ),
        (
            "en-US",
            "America/New_York",
            "2026-07-01T16:00Z",
            60,
            "Wednesday, July 1, 2026, 12:00-1:00 PM (America/New York, UTC-04:00)",
        ),
        (
            "en_US",
            "Asia/Kolkata",
            "2026-07-01T18:30Z",
            15,
            "Thursday, July 2, 2026, 12:00-12:15 AM (Asia/Kolkata, UTC+05:30)",
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
            "Sunday, 25 October 2026, 02:30-02:30 (Europe/Copenhagen, UTC+02:00 → UTC+01:00)",
        ),
        (
            "ca",
            "Europe/Copenhagen",
            "2026-12-03T15:00Z",
            30,
            "Thursday, 3 December 2026, 16:00-16:30 (Europe/Copenhagen, UTC+01:00)",
        ),
        (
            "en-US",
            "America/New_York",
            "2026-12-11T16:30Z",
            60,
            "Friday, December 11, 2026, 11:30 AM-12:30 PM (America/New York, UTC-05:00)",
        ),
        (
            "en-PK",
            "Asia/Karachi",
            "2026-12-11T02:00Z",
            30,
            "Friday, 11 December 2026, 7:00-7:30 am (Asia/Karachi, UTC+05:00)",
        ),
        (
            "es-MX",
            "America/Mexico_City",
            "2026-12-11T13:00Z",
            30,
            "Friday, 11 December 2026, 7:00-7:30 am (America/Mexico City, UTC-06:00)",
        ),
        (
            "en-DK",
            "Europe/Copenhagen",
            "2026-12-11T06:00Z",
            30,
            "Friday, 11 December 2026, 07.00-07.30 (Europe/Copenhagen, UTC+01:00)",
        ),
        (
            "da-US",
            "Asia/Calcutta",
            "2026-12-11T06:30Z",
            30,
            "fredag den 11. december 2026 kl. 12.00-12.30 PM (Asia/Kolkata, UTC+05:30)",
        ),
        (
            "xx-ÆØ",
            "UTC",
            "2026-12-03T09:00Z",
            30,
            "Thursday, 3 December 2026, 09:00-09:30 (UTC, UTC+00:00)",
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

    assert clock_of("en", "Europe/Oslo").moment(instant) == "Thursday, 3 December 2026, 10:00"
    assert clock_of("da", "Europe/Oslo").moment(instant) == "torsdag den 3. december 2026 kl. 10.00"


def test_dates_are_those_of_the_readers_zone() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    danish = clock_of("da", "Europe/Copenhagen")
    english = clock_of("en-US", "America/New_York")

    assert danish.moment(late) == "fredag den 1. januar 2027 kl. 00.30"
    assert english.moment(late) == "Thursday, December 31, 2026, 6:30 PM"
    assert english.zone_at(late) == "America/New York (UTC-05:00)"
    assert Clock(english.reader, ZoneInfo("UTC")).zone_at(late) == "UTC"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Thursday, 26 November 2026, 23:00 - Friday, 27 November 2026, 01:00"),
        ("en-US", "Thursday, November 26, 2026, 11:00 PM - Friday, November 27, 2026, 1:00 AM"),
        ("da", "torsdag den 26. november 2026 kl. 23.00 - fredag den 27. november 2026 kl. 01.00"),
    ],
)
def test_a_meeting_over_midnight_names_both_days(locale: str, expected: str) -> None:
    clock = clock_of(locale, "UTC")
    start = datetime(2026, 11, 26, 23, tzinfo=UTC)

    assert expected == clock.when(start, start + timedelta(hours=2)).replace(EN_DASH, "-")


def test_a_zone_that_is_none_has_no_clock() -> None:
    with pytest.raises(UnknownZone):
        clock_of("en", "Mars/Olympus")


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (60, "1 h"), (90, "1 h 30 min"), (1440, "24 h")]
)
def test_a_length_is_told_in_hours_and_minutes(minutes: int, words: str) -> None:
    clock = clock_of("en", "UTC")

    assert clock.duration(timedelta(minutes=minutes)) == words
