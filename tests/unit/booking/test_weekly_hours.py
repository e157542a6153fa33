"""The hours of a week: which are accepted, and what is said about the others."""

from dataclasses import replace

import pytest

from services.booking.domain.refusals import Fault
from services.booking.domain.weekly_hours import (
    NO_HOURS,
    Range,
    WeeklyHours,
    days,
    too_short_ranges,
    weekly_hours_faults,
)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def faults_on_monday(*ranges: Range) -> list[Fault]:
    return list(weekly_hours_faults(WeeklyHours(mon=ranges)))


def test_the_days_are_named_from_monday_to_sunday() -> None:
    hours = replace(NO_HOURS, sun=(("10:00", "12:00"),))

    assert tuple((day, ()) for day in DAYS[:-1]) == days(hours)[:-1]
    assert ("sun", (("10:00", "12:00"),)) == days(hours)[-1]


@pytest.mark.parametrize("start", ["00:00", "09:59", "19:00", "20:00", "23:59"])
def test_a_range_starts_at_a_minute_of_the_day(start: str) -> None:
    assert [] == faults_on_monday((start, "24:00"))


@pytest.mark.parametrize("start", ["24:00", "23:60", "9:00", "09:0", "29:00", "ab:cd", "09:00\n"])
def test_a_range_that_starts_at_no_minute_of_the_day_is_refused(start: str) -> None:
    fault = Fault("/weekly_hours/mon/0/0", "Must be a time from 00:00 to 23:59.")

    assert [fault] == faults_on_monday((start, "12:00"))


@pytest.mark.parametrize("end", ["00:00", "09:59", "19:00", "23:59", "24:00"])
def test_a_range_ends_at_a_minute_of_the_day_or_at_its_end(end: str) -> None:
    assert [] == faults_on_monday(("12:00", end))


@pytest.mark.parametrize("end", ["24:01", "23:60", "9:00", "25:00", "24:00\n", ""])
def test_a_range_that_ends_at_no_minute_of_the_day_is_refused(end: str) -> None:
    fault = Fault("/weekly_hours/mon/0/1", "Must be a time from 00:00 to 24:00.")

    assert [fault] == faults_on_monday(("12:00", end))


def test_a_range_that_ends_when_it_begins_is_refused() -> None:
    fault = Fault(
        "/weekly_hours/mon/1", "Must not end when it begins; a whole day is 00:00 to 24:00."
    )

    assert [fault] == faults_on_monday(("08:00", "09:00"), ("10:00", "10:00"))


@pytest.mark.parametrize("day", DAYS)
def test_each_day_has_at_most_24_ranges(day: str) -> None:
    most = (("10:00", "11:00"),) * 24
    fault = Fault(f"/weekly_hours/{day}", "Must have at most 24 ranges.")

    assert [] == list(weekly_hours_faults(WeeklyHours(**{day: most})))
    assert [fault] == list(weekly_hours_faults(WeeklyHours(**{day: (*most, most[0])})))


@pytest.mark.parametrize(
    ("hours", "short"),
    [
        (WeeklyHours(mon=(("09:00", "09:30"),)), []),
        (WeeklyHours(mon=(("09:00", "09:29"), ("10:00", "12:00"))), ["/weekly_hours/mon/0"]),
        (WeeklyHours(fri=(("23:59", "00:00"),)), ["/weekly_hours/fri/0"]),
        (WeeklyHours(mon=(("09:00", "09:20"), ("09:20", "09:40"))), []),
        (WeeklyHours(mon=(("09:00", "09:20"), ("09:10", "09:25"))), ["mon/0", "mon/1"]),
        (WeeklyHours(mon=(("23:50", "24:00"),), tue=(("00:00", "00:20"),)), []),
        (WeeklyHours(sun=(("23:50", "00:05"),), mon=(("00:05", "00:20"),)), []),
        (WeeklyHours(sun=(("23:50", "00:05"),), mon=(("00:06", "00:20"),)), ["mon/0", "sun/0"]),
        (WeeklyHours(**dict.fromkeys(DAYS, (("00:00", "24:00"),))), []),
        (NO_HOURS, []),
    ],
    ids=str,
)
def test_a_range_in_which_no_meeting_fits_is_named_and_those_that_meet_are_one(
    hours: WeeklyHours, short: list[str]
) -> None:
    found = list(too_short_ranges(hours, 30))

    assert [f"/weekly_hours/{place.removeprefix('/weekly_hours/')}" for place in short] == [
        fault.pointer for fault in found
    ]
    assert {"Is shorter than the meeting of 30 minutes, so that none fits in."} >= {
        fault.detail for fault in found
    }
