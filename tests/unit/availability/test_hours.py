"""Weekly hours as windows of real time."""

from zoneinfo import ZoneInfo

import pytest

from services.availability.domain.hours import (
    REGULAR_HOURS,
    WEEKDAYS,
    WeeklyHours,
    date_overrides,
    weekly_hours,
    windows,
)
from services.availability.domain.intervals import DAY, instant, micros
from tests.unit.availability.offers import COPENHAGEN, local, on

MIDNIGHT_TO_MIDNIGHT = {
    day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}


def shown(hours: WeeklyHours, day: str, zone: str = COPENHAGEN, days: int = 1) -> list[str]:
    """Return the windows that touch the local days, as the clock in the zone shows them."""
    tz = ZoneInfo(zone)
    start = micros(local(day, zone))
    return [
        f"{instant(window.begin).astimezone(tz):%d %H:%M%z}"
        f"-{instant(window.end).astimezone(tz):%d %H:%M%z}"
        for window in windows(hours, tz, start, start + days * DAY)
    ]


def test_regular_hours_are_nine_to_five_on_weekdays() -> None:
    assert list(REGULAR_HOURS) == [((540, 1020),)] * 5 + [()] * 2


def test_a_range_is_open_on_its_own_weekday_only() -> None:
    hours = on({"tue": [("09:00", "12:00"), ("13:00", "17:30")]})

    assert shown(hours, "2026-03-02", days=7) == [
        "03 09:00+0100-03 12:00+0100",
        "03 13:00+0100-03 17:30+0100",
    ]


def test_no_hours_open_no_windows() -> None:
    assert shown(on({}), "2026-03-02", days=7) == []


def test_a_range_past_midnight_runs_into_the_next_day() -> None:
    night = on({"mon": [("22:00", "02:00")]})

    assert shown(night, "2026-03-02") == ["02 22:00+0100-03 02:00+0100"]
    assert shown(night, "2026-03-03") == ["02 22:00+0100-03 02:00+0100"]
    assert shown(night, "2026-03-04") == []


def test_a_range_past_midnight_on_sunday_runs_into_monday() -> None:
    assert shown(on({"sun": [("22:00", "02:00")]}), "2026-03-02") == ["01 22:00+0100-02 02:00+0100"]


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_midnight_ends_a_day_by_either_name(end: str) -> None:
    assert shown(on({"mon": [("22:00", end)]}), "2026-03-02") == ["02 22:00+0100-03 00:00+0100"]


@pytest.mark.parametrize(
    "ranges",
    [
        [("09:00", "12:00"), ("12:00", "15:00")],
        [("09:00", "13:00"), ("12:00", "15:00")],
        [("12:00", "15:00"), ("09:00", "12:00")],
        [("09:00", "15:00"), ("10:00", "11:00")],
    ],
    ids=["meeting", "overlapping", "in any order", "inside"],
)
def test_ranges_that_meet_or_overlap_are_one(ranges: list[tuple[str, str]]) -> None:
    assert shown(on({"mon": ranges}), "2026-03-02") == ["02 09:00+0100-02 15:00+0100"]


@pytest.mark.parametrize(
    "hours",
    [
        {"mon": [("20:00", "24:00")], "tue": [("00:00", "03:00")]},
        {"mon": [("20:00", "01:00")], "tue": [("01:00", "03:00")]},
        {"mon": [("20:00", "02:00")], "tue": [("00:00", "03:00")]},
    ],
)
def test_ranges_are_one_over_midnight_too(hours: dict[str, list[tuple[str, str]]]) -> None:
    assert shown(on(hours), "2026-03-03") == ["02 20:00+0100-03 03:00+0100"]


def test_a_window_begins_where_it_began_days_before() -> None:
    all_but_sunday = on(
        {day: MIDNIGHT_TO_MIDNIGHT[day] for day in MIDNIGHT_TO_MIDNIGHT} | {"sun": []}
    )

    assert shown(all_but_sunday, "2026-03-06") == ["02 00:00+0100-08 00:00+0100"]


def test_a_window_may_have_begun_a_fortnight_before() -> None:
    # The only hour of the week that is closed is the one that the clock change skips.
    one_hour_off = on(MIDNIGHT_TO_MIDNIGHT | {"sun": [("00:00", "02:00"), ("03:00", "24:00")]})

    assert shown(one_hour_off, "2026-04-04")[0][:13] == "22 03:00+0100"


def test_a_range_that_ends_when_it_begins_lasts_a_day() -> None:
    assert shown(on({"mon": [("09:00", "09:00")]}), "2026-03-03") == ["02 09:00+0100-03 09:00+0100"]


def test_windows_that_only_meet_the_time_asked_about_are_left_out() -> None:
    hours = on({"mon": [("23:00", "24:00")], "wed": [("00:00", "01:00")]})

    assert shown(hours, "2026-03-03") == []


def test_a_clock_set_back_over_midnight_keeps_windows_in_order() -> None:
    # Newfoundland went back an hour at one minute past midnight.
    found = shown(on(MIDNIGHT_TO_MIDNIGHT), "2006-10-28", "America/St_Johns", days=2)

    assert [window[:13] for window in found] == [
        "28 00:00-0230",
        "29 00:00-0230",
        "28 23:01-0330",
        "29 00:00-0330",
    ]


def test_hours_without_a_gap_begin_anew_at_each_midnight() -> None:
    found = shown(on(MIDNIGHT_TO_MIDNIGHT), "2026-03-28", days=2)

    assert [window[:13] for window in found] == ["28 00:00+0100", "29 00:00+0100", "30 00:00+0200"]


def test_a_range_that_begins_in_the_skipped_hour_begins_at_its_end() -> None:
    assert shown(on({"sun": [("02:30", "05:00")]}), "2026-03-29") == ["29 03:00+0200-29 05:00+0200"]


def test_a_range_that_ends_in_the_skipped_hour_ends_at_its_beginning() -> None:
    # The end of 01:59:59 by winter time is 03:00 by summer time.
    assert shown(on({"sun": [("00:30", "02:30")]}), "2026-03-29") == ["29 00:30+0100-29 03:00+0200"]


def test_a_range_within_the_skipped_hour_is_not_there_that_day() -> None:
    quarter = on({"sun": [("02:15", "02:45")]})

    assert shown(quarter, "2026-03-29") == []
    assert shown(quarter, "2026-04-05") == ["05 02:15+0200-05 02:45+0200"]


def test_ranges_that_the_skipped_hour_kept_apart_meet() -> None:
    hours = on({"sun": [("00:00", "02:00"), ("03:00", "05:00")]})

    assert shown(hours, "2026-03-29") == ["29 00:00+0100-29 05:00+0200"]


def test_a_range_over_the_repeated_hour_lasts_an_hour_longer() -> None:
    (window,) = windows(
        on({"sun": [("01:00", "04:00")]}),
        ZoneInfo(COPENHAGEN),
        micros(local("2026-10-25")),
        micros(local("2026-10-26")),
    )

    assert window.end - window.begin == 4 * DAY // 24


def test_a_range_that_begins_in_the_repeated_hour_is_open_in_both_passes() -> None:
    assert shown(on({"sun": [("02:30", "04:00")]}), "2026-10-25") == [
        "25 02:30+0200-25 02:00+0100",
        "25 02:30+0100-25 04:00+0100",
    ]


def test_a_range_that_ends_in_the_repeated_hour_is_open_in_both_passes() -> None:
    assert shown(on({"sun": [("01:00", "02:30")]}), "2026-10-25") == [
        "25 01:00+0200-25 02:30+0200",
        "25 02:00+0100-25 02:30+0100",
    ]


def test_a_day_that_the_calendar_leaves_out_is_not_open() -> None:
    # Samoa went from Thursday to Saturday.
    hours = on(
        {"thu": [("09:00", "10:00")], "fri": [("09:00", "10:00")], "sat": [("09:00", "10:00")]}
    )

    assert shown(hours, "2011-12-29", "Pacific/Apia", days=2) == [
        "29 09:00-1000-29 10:00-1000",
        "31 09:00+1400-31 10:00+1400",
    ]


@pytest.mark.parametrize("day", ["0001-01-02", "9999-12-30"])
def test_the_ends_of_the_calendar_have_no_hours(day: str) -> None:
    start = micros(local(day, "UTC"))

    assert windows(REGULAR_HOURS, ZoneInfo(COPENHAGEN), start, start + DAY) == []


@pytest.mark.parametrize("clock", ["9:00", "09:60", "24:01", "25:00", "-1:00", "noon"])
def test_what_is_not_a_time_of_day_is_refused(clock: str) -> None:
    with pytest.raises(ValueError, match=r"not a time of day|invalid literal"):
        on({"mon": [("08:00", clock)]})


def test_what_is_not_a_weekday_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^These are not weekdays: monday, someday\.$"):
        on({"someday": [], "monday": [("09:00", "17:00")]})


def test_after_a_closed_date_hours_without_a_gap_begin_anew_at_each_midnight() -> None:
    always = weekly_hours({day: [("00:00", "24:00")] for day in WEEKDAYS})
    closed = date_overrides({"2026-03-04": []})
    zone = ZoneInfo(COPENHAGEN)

    def begins(first: str, last: str) -> list[str]:
        found = windows(always, zone, micros(local(first)), micros(local(last)), closed)
        return [f"{instant(each.begin).astimezone(zone):%m-%d %H:%M}" for each in found]

    assert ["03-03 00:00", "03-05 00:00"] == begins("2026-03-03 12:00", "2026-03-05 12:00")
    assert ["03-07 00:00"] == begins("2026-03-07 12:00", "2026-03-07 13:00")
    [before] = windows(
        always, zone, micros(local("2026-03-03 12:00")), micros(local("2026-03-03 13:00")), closed
    )
    assert before.end == micros(local("2026-03-04 00:00"))


def test_a_range_of_the_evening_before_runs_into_a_closed_date() -> None:
    nights = weekly_hours({"tue": [("22:00", "02:00")]})
    closed = date_overrides({"2026-03-04": [], "2026-03-10": [("09:00", "10:00")]})
    zone = ZoneInfo(COPENHAGEN)

    found = windows(
        nights, zone, micros(local("2026-03-03 00:00")), micros(local("2026-03-12 00:00")), closed
    )

    assert [
        (micros(local("2026-03-03 22:00")), micros(local("2026-03-04 02:00"))),
        (micros(local("2026-03-10 09:00")), micros(local("2026-03-10 10:00"))),
    ] == [(each.begin, each.end) for each in found]
