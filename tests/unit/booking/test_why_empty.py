"""Why a day or a month has no free time, and the weeks across the end of a month."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from services.booking.domain.date_overrides import DateOverride
from services.booking.domain.location import InPerson
from services.booking.domain.meeting_type import Settings
from services.booking.domain.weekly_hours import WeeklyHours
from services.booking.web.attendee.picker import Asked, Picker, Times, pick
from services.booking.web.attendee.why_empty import Rules
from services.booking.web.wording import reader_of
from services.chassis.web.clock import Clock
from services.chassis.web.pages import unbroken
from services.chassis.web.time_formats import EN_DASH

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
AUCKLAND = ZoneInfo("Pacific/Auckland")
MONDAY = datetime(2026, 10, 12, 8, tzinfo=UTC)
NINE_TO_FIVE = (("09:00", "17:00"),)


def rules(**more: Any) -> Rules:
    settings = Settings(
        title="Interview",
        slug="interview",
        duration_minutes=30,
        increment_minutes=30,
        location=InPerson("Room 1"),
        **{
            "hours": "custom",
            "weekly_hours": WeeklyHours(mon=NINE_TO_FIVE, fri=(("20:00", "02:00"),)),
            "min_lead_minutes": 3 * 24 * 60,
            "max_lead_minutes": 20 * 24 * 60,
            **more,
        },
    )
    return Rules(settings, COPENHAGEN, MONDAY)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 10, 11), "past"),
        (date(2026, 10, 12), "too_soon"),
        (date(2026, 10, 14), "too_soon"),
        (date(2026, 10, 15), "closed"),
        (date(2026, 10, 16), "full"),
        (date(2026, 10, 17), "full"),  # Friday's hours last over midnight
        (date(2026, 10, 18), "closed"),
        (date(2026, 10, 19), "full"),
        (date(2026, 11, 2), "too_far"),
    ],
)
def test_a_day_is_empty_for_the_first_rule_that_explains_it(day: date, reason: str) -> None:
    assert reason == rules().why(day, COPENHAGEN)


def test_other_hours_on_one_date_count_instead_of_those_of_the_week() -> None:
    closed = DateOverride(date="2026-10-19")
    opened = DateOverride(date="2026-10-21", ranges=NINE_TO_FIVE)

    found = rules(date_overrides=(closed, opened))

    assert "closed" == found.why(date(2026, 10, 19), COPENHAGEN)
    assert "full" == found.why(date(2026, 10, 21), COPENHAGEN)


def test_what_is_in_a_calendar_is_never_the_reason() -> None:
    found = rules(hours="calendar", weekly_hours=WeeklyHours())

    assert "full" == found.why(date(2026, 10, 18), COPENHAGEN)


def test_a_visitors_day_is_closed_only_if_all_of_the_organizers_days_in_it_are() -> None:
    found = rules(weekly_hours=WeeklyHours(mon=NINE_TO_FIVE))

    assert "full" == found.why(date(2026, 10, 20), AUCKLAND)  # it begins on Monday at 13:00
    assert "closed" == found.why(date(2026, 10, 21), AUCKLAND)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [((10, 1), (10, 14), "too_soon"), ((10, 1), (10, 31), "full"), ((11, 3), (11, 30), "too_far")],
)
def test_a_month_is_empty_for_the_reason_that_helps_most(
    first: tuple[int, int], last: tuple[int, int], reason: str
) -> None:
    begin, end = date(2026, *first), date(2026, *last)
    every = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]

    assert reason == rules().why_all(every, COPENHAGEN)


def shown(today: datetime, *starts: datetime, asked: Asked = Asked()) -> Picker:  # noqa: B008 -- frozen
    slots: list[Times] = [(each, each + timedelta(minutes=30)) for each in starts]
    clock = Clock(reader_of(None, "en-GB"), COPENHAGEN)
    month = asked.month or today.date().replace(day=1)
    until = today + timedelta(days=60)
    return pick(clock, asked, month, slots, next_free_day=None, earliest=today, latest=until)


def test_the_last_days_of_a_month_show_the_weeks_across_its_end() -> None:
    today = datetime(2026, 11, 26, 9, tzinfo=UTC)
    start = datetime(2026, 12, 2, 9, tzinfo=UTC)
    november = date(2026, 11, 1)

    late = shown(today, start, asked=Asked(november, date(2026, 12, 2)))
    early = shown(today - timedelta(days=10))

    assert (date(2026, 11, 23), date(2026, 12, 27)) == (late.first, late.last)
    assert (date(2026, 12, 2), [start]) == (late.day, [free.start for free in late.times])
    assert (False, True) == (late.is_month, early.is_month)
    assert all(len(week) == 7 and None not in week for week in late.weeks)


def test_times_that_go_on_after_midnight_lead_to_the_next_day() -> None:
    evening, night = (datetime(2026, 11, 10, hour, 30, tzinfo=UTC) for hour in (21, 23))

    split, alone = shown(MONDAY.replace(month=11, day=2), evening, night), shown(MONDAY, evening)

    assert (date(2026, 11, 11), None) == (split.goes_on, alone.goes_on)
    assert ["evening"] == [free.part for free in split.times]


def test_a_time_of_day_is_kept_on_one_line_and_all_else_is_escaped() -> None:
    keep = '<span class="keep">{}</span>'.format

    assert unbroken(f"Monday, 09:00{EN_DASH}09:30") == f"Monday, {keep(f'09:00{EN_DASH}09:30')}"
    assert unbroken("mandag kl. 9.30") == f"mandag {keep('kl. 9.30')}"
    assert unbroken("<b>2:30 pm") == f"&lt;b&gt;{keep('2:30 pm')}"
    assert unbroken(Markup("<bdi>10:00</bdi>")) == f"<bdi>{keep('10:00')}</bdi>"
    assert unbroken("Copenhagen (UTC+01:00)") == "Copenhagen (UTC+01:00)"
