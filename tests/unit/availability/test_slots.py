"""Which slots are offered."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.availability.domain.busy import Claim, busy_times
from services.availability.domain.slots import Offer, next_free_day
from tests.unit.availability.offers import (
    COPENHAGEN,
    NOW,
    Slot,
    days_of,
    local,
    offer,
    offered,
    on,
    starts,
    taken,
)
from tests.unit.availability.test_busy import BOOKED, HOLD, MEETING

MINUTE = timedelta(minutes=1)
TZ = ZoneInfo(COPENHAGEN)


def test_a_free_day_is_offered_from_the_first_step_to_the_last_that_fits() -> None:
    slots = days_of(offer(duration_minutes=60), "2026-03-03")

    assert slots[0] == Slot(local("2026-03-03 09:00"), local("2026-03-03 10:00"))
    assert slots[-1] == Slot(local("2026-03-03 16:00"), local("2026-03-03 17:00"))
    assert len(slots) == 15


def test_steps_are_counted_from_the_beginning_of_the_range() -> None:
    hours = on({"tue": [("09:10", "10:30"), ("13:05", "14:00")]})

    assert starts(days_of(offer(hours=hours, increment_minutes=20), "2026-03-03")) == [
        "09:10+0100",
        "09:30+0100",
        "09:50+0100",
        "13:05+0100",
        "13:25+0100",
    ]


def test_steps_go_on_over_midnight() -> None:
    hours = on({"mon": [("23:20", "24:00")], "tue": [("00:00", "01:00")]})

    assert starts(days_of(offer(hours=hours), "2026-03-03")) == ["00:20+0100"]


def test_a_slot_may_run_over_midnight_inside_its_range() -> None:
    hours = on({"tue": [("23:30", "00:30")]})

    assert starts(days_of(offer(hours=hours, duration_minutes=60), "2026-03-03")) == ["23:30+0100"]


def test_a_meeting_may_last_the_whole_range_but_no_longer() -> None:
    assert len(days_of(offer(duration_minutes=480), "2026-03-03")) == 1
    assert days_of(offer(duration_minutes=485), "2026-03-03") == []


def test_around_the_clock_a_meeting_may_last_a_day() -> None:
    always = on(
        {day: [("00:00", "24:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    )
    slots = days_of(offer(hours=always, duration_minutes=1440, increment_minutes=100), "2026-03-04")

    # 100 minutes do not divide a day: a grid that went on would miss most midnights.
    assert starts(slots)[:2] + starts(slots)[-1:] == ["00:00+0100", "01:40+0100", "23:20+0100"]


def test_in_spring_steps_go_on_in_real_time_over_the_skipped_hour() -> None:
    hours = on({"sun": [("01:00", "04:00")]})

    assert starts(days_of(offer(hours=hours, increment_minutes=45), "2026-03-29")) == [
        "01:00+0100",
        "01:45+0100",
        "03:30+0200",
    ]


def test_in_autumn_the_repeated_hour_is_offered_twice() -> None:
    hours = on({"sun": [("01:30", "03:30")]})
    the_offer = offer(hours=hours, now=local("2026-10-20"))

    assert starts(days_of(the_offer, "2026-10-25")) == [
        "01:30+0200",
        "02:00+0200",
        "02:30+0200",
        "02:00+0100",
        "02:30+0100",
        "03:00+0100",
    ]


@pytest.mark.parametrize(
    ("first", "days"), [("2026-03-26", 7), ("2026-10-22", 7)], ids=["spring", "autumn"]
)
def test_office_hours_stay_at_nine_over_a_clock_change(first: str, days: int) -> None:
    slots = days_of(offer(now=local(first) - timedelta(days=1)), first, days)
    walls = {f"{slot.start.astimezone(TZ):%H:%M}" for slot in slots}

    assert (min(walls), max(walls), len(slots)) == ("09:00", "16:30", 5 * 16)


def test_a_start_exactly_at_the_minimum_lead_is_offered() -> None:
    exactly = days_of(offer(now=local("2026-03-02 08:00"), min_lead_minutes=120), "2026-03-02")
    later = days_of(offer(now=local("2026-03-02 08:00") + timedelta.resolution), "2026-03-02")

    assert starts(exactly)[0] == "10:00+0100"
    assert starts(later)[0] == "10:30+0100"


def test_a_start_exactly_at_the_horizon_is_not_offered() -> None:
    day = 1440
    exactly = days_of(offer(now=local("2026-03-02 10:00"), max_lead_minutes=day), "2026-03-03")
    later = days_of(
        offer(now=local("2026-03-02 10:00") + timedelta.resolution, max_lead_minutes=day),
        "2026-03-03",
    )

    assert starts(exactly)[-1] == "09:30+0100"
    assert starts(later)[-1] == "10:00+0100"


def test_lead_is_counted_in_real_hours_over_a_clock_change() -> None:
    hours = on({"sun": [("00:00", "06:00")]})
    the_offer = offer(hours=hours, now=local("2026-03-29 00:30"), min_lead_minutes=180)

    assert starts(days_of(the_offer, "2026-03-29"))[0] == "04:30+0200"


def test_the_organizer_is_not_bound_by_lead_times_but_to_the_future() -> None:
    now = local("2026-03-02 09:30")
    theirs = offer(now=now, by_organizer=True, max_lead_minutes=1440)

    assert starts(days_of(theirs, "2026-03-02"))[0] == "10:00+0100"
    assert len(days_of(theirs, "2028-03-01")) == 16


def test_busy_times_may_meet_a_slot_but_not_overlap_it() -> None:
    hours = on({"tue": [("09:00", "12:00")]})
    meeting = taken("2026-03-03 10:00", "2026-03-03 10:30")
    odd = taken("2026-03-03 11:29", "2026-03-03 11:31")

    assert starts(days_of(offer(busy=[meeting, odd], hours=hours), "2026-03-03")) == [
        "09:00+0100",
        "09:30+0100",
        "10:30+0100",
    ]


def test_a_busy_time_from_before_the_range_still_counts_in_it() -> None:
    night_and_morning = taken("2026-03-02 12:00", "2026-03-03 16:00")

    assert starts(days_of(offer(busy=[night_and_morning]), "2026-03-03")) == [
        "16:00+0100",
        "16:30+0100",
    ]


def test_only_starts_from_the_first_instant_up_to_the_last_are_given() -> None:
    ten, eleven = local("2026-03-03 10:00"), local("2026-03-03 11:00")

    assert starts(offered(offer(), ten, eleven)) == ["10:00+0100", "10:30+0100"]
    assert starts(offered(offer(), ten + MINUTE, eleven + MINUTE)) == ["10:30+0100", "11:00+0100"]
    assert offered(offer(), eleven, ten) == []


def test_nothing_is_offered_without_a_type_or_by_a_closed_page() -> None:
    unknown = Offer(None, page_open=True, busy=(), now=NOW)

    assert offered(unknown, local("2026-03-03"), local("2026-03-04")) == []
    assert days_of(offer(page_open=False), "2026-03-03") == []


def test_while_rescheduling_the_own_time_is_offered() -> None:
    others = offer(busy=busy_times([MEETING, HOLD], NOW), min_lead_minutes=0)
    own = offer(busy=busy_times([MEETING, HOLD], NOW, own=BOOKED), min_lead_minutes=0)

    assert "10:00+0100" not in starts(days_of(others, "2026-03-02"))
    assert "10:00+0100" in starts(days_of(own, "2026-03-02"))


def test_an_expired_hold_is_offered_again_at_its_deadline() -> None:
    held = Claim(BOOKED, local("2026-03-03 09:00"), local("2026-03-03 09:30"), NOW + 5 * MINUTE)

    for wait, first in ((4 * MINUTE, "09:30+0100"), (5 * MINUTE, "09:00+0100")):
        now = NOW + wait
        slots = days_of(offer(now=now, busy=busy_times([held], now)), "2026-03-03")

        assert starts(slots)[0] == first


def test_the_next_free_day_is_the_first_with_a_slot() -> None:
    # Friday at noon to Tuesday morning.
    away = taken("2026-03-06 12:00", "2026-03-10 12:00")
    the_offer = offer(busy=[away])

    assert next_free_day(the_offer, local("2026-03-06"), TZ) == date(2026, 3, 6)
    assert next_free_day(the_offer, local("2026-03-07"), TZ) == date(2026, 3, 10)


def test_the_next_free_day_is_counted_by_the_visitors_clock() -> None:
    evening = offer(hours=on({"tue": [("23:00", "24:00")]}))

    assert next_free_day(evening, NOW, ZoneInfo("Asia/Kathmandu")) == date(2026, 3, 4)
    assert next_free_day(evening, NOW, ZoneInfo("America/New_York")) == date(2026, 3, 3)


def test_the_next_free_day_is_that_of_the_first_start_even_if_it_is_the_last_of_its_day() -> None:
    night = offer(hours=on({"tue": [("23:30", "24:00")], "wed": [("00:00", "02:00")]}))

    assert next_free_day(night, NOW, TZ) == date(2026, 3, 3)


def test_the_next_free_day_may_be_months_away_but_within_the_horizon() -> None:
    sabbatical = taken("2026-03-01", "2026-08-03")

    far = offer(busy=[sabbatical], max_lead_minutes=365 * 1440)
    assert next_free_day(far, NOW, TZ) == date(2026, 8, 3)
    assert next_free_day(offer(busy=[sabbatical]), NOW, TZ) is None


def test_there_is_no_next_free_day_of_a_closed_page_or_an_unknown_type() -> None:
    assert next_free_day(offer(page_open=False), NOW, TZ) is None
    assert next_free_day(Offer(None, True, (), NOW), NOW, TZ) is None


def test_the_organizers_next_free_day_is_looked_for_a_year_ahead() -> None:
    never = offer(hours=on({}), by_organizer=True)

    assert next_free_day(never, NOW, TZ) is None
    assert next_free_day(offer(by_organizer=True), NOW, TZ) == date(2026, 3, 2)
