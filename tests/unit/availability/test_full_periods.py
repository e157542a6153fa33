"""Days and weeks that are full, counted as booking counts them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.availability.domain.busy import Claim
from services.availability.domain.full_periods import FullPeriod, Limits, full_periods
from services.availability.domain.intervals import instant, micros
from services.booking.domain.periods import day_of, week_of
from tests.unit.availability.offers import NOW, local

ZONE = ZoneInfo("Europe/Copenhagen")
ZONES = st.sampled_from(
    ["Europe/Copenhagen", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo"]
)
INSTANTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


def claim(start: str, id_: UUID | None = None, **changes: Any) -> Claim:
    """Return a booking of half an hour, of the type that is asked about."""
    begin = local(start)
    whole: dict[str, Any] = {"is_of_type": True, **changes}
    return Claim(id_ or uuid4(), begin, begin + timedelta(minutes=30), **whole)


def days(*claims: Claim, per_day: int | None = None, per_week: int | None = None) -> list[str]:
    """Return the local days on which full periods begin and end."""
    found = full_periods(Limits(per_day, per_week), ZONE, claims, NOW)
    return [f"{day(each.begin)}/{day(each.end)}" for each in found]


def day(at: int) -> str:
    wall = instant(at).astimezone(ZONE)
    assert f"{wall:%H:%M}" == "00:00"
    return f"{wall:%m-%d}"


def test_a_day_is_full_with_its_last_meeting() -> None:
    first, second = claim("2026-03-03 10:00"), claim("2026-03-03 23:30")

    assert [] == days(first, per_day=2)
    assert ["03-03/03-04"] == days(first, second, per_day=2)
    assert ["03-03/03-04"] == days(first, second, claim("2026-03-03 12:00"), per_day=2)
    assert [] == days(first, claim("2026-03-04 00:00"), per_day=2)


def test_a_week_begins_on_monday() -> None:
    monday, sunday = claim("2026-03-02 00:00"), claim("2026-03-08 23:30")

    assert ["03-02/03-09"] == days(monday, sunday, per_week=2)
    assert [] == days(sunday, claim("2026-03-09 00:00"), per_week=2)


def test_what_is_over_of_another_type_or_moved_is_not_counted() -> None:
    mine = uuid4()
    over = claim("2026-03-03 10:00", expires_at=NOW)
    other = claim("2026-03-03 11:00", is_of_type=False)

    assert [] == days(over, other, per_day=1)
    assert ["03-03/03-04"] == days(
        claim("2026-03-03 10:00", expires_at=NOW + timedelta(seconds=1)), per_day=1
    )
    assert () == full_periods(
        Limits(per_day=1), ZONE, [claim("2026-03-03 10:00", mine)], NOW, own=mine
    )


def test_a_booking_with_a_new_time_asked_for_counts_once_in_each_day() -> None:
    moved = uuid4()
    both = claim("2026-03-03 10:00", moved), claim("2026-03-03 15:00", moved)

    assert [] == days(*both, per_day=2)
    assert ["03-03/03-04", "03-04/03-05"] == sorted(
        days(both[0], claim("2026-03-04 15:00", moved), per_day=1)
    )


def test_the_day_of_a_clock_change_is_a_whole_one() -> None:
    [short] = full_periods(Limits(per_day=1), ZONE, [claim("2026-03-29 10:00")], NOW)

    assert timedelta(hours=23) == instant(short.end) - instant(short.begin)


@given(at=INSTANTS, zone=ZONES)
def test_days_and_weeks_are_those_that_booking_counts(at: datetime, zone: str) -> None:
    one = Claim(uuid4(), at, at + timedelta(minutes=30), is_of_type=True)
    found = full_periods(Limits(1, 1), ZoneInfo(zone), [one], NOW)

    day_, week = day_of(at, zone), week_of(at, zone)
    assert (
        FullPeriod("max_per_day", 1, micros(day_.start), micros(day_.end)),
        FullPeriod("max_per_week", 1, micros(week.start), micros(week.end)),
    ) == found
