"""Times as their reader's clock shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.letters import Slot
from services.notifier.rendering.times import clock_of, zone_named

EN_DASH = "\u2013"


def slot(start: str, minutes: int = 30) -> Slot:
    begins = datetime.fromisoformat(start).astimezone(UTC)
    return Slot(begins, begins + timedelta(minutes=minutes))


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
            "Mars/Olympus",
            "2026-12-03T09:00Z",
            30,
            "Thursday 3 December 2026, 09:00-09:30 (UTC, UTC+00:00)",
        ),
    ],
)
def test_a_slot_is_told_in_the_readers_zone_language_and_clock(
    locale: str, zone: str, start: str, minutes: int, expected: str
) -> None:
    told = clock_of(locale, zone).slot(slot(start, minutes)).replace(EN_DASH, "-")

    assert expected == told


def test_a_moment_is_short_enough_for_a_subject() -> None:
    instant = slot("2026-12-03T09:00Z").start

    assert clock_of("en", "Europe/Oslo").moment(instant) == "Thursday 3 December 2026, 10:00"
    assert clock_of("da", "Europe/Oslo").moment(instant) == "torsdag den 3. december 2026 kl. 10.00"


@pytest.mark.parametrize(
    "name", ["", "/", "..", "../../etc/passwd", "Europe", "a\x00b", "x" * 5000]
)
def test_a_zone_that_is_none_is_told_as_utc(name: str) -> None:
    assert zone_named(name).key == "UTC"
