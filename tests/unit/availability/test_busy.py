"""What bookings and holds take of an organizer's time."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.availability.domain.busy import Buffers, Claim, busy_times
from services.availability.domain.intervals import MINUTE, Interval
from tests.unit.availability.offers import NOW, local, taken

BOOKED = UUID("b0000000-0000-7000-8000-000000000001")
HELD = UUID("b0000000-0000-7000-8000-000000000002")

MEETING = Claim(BOOKED, local("2026-03-02 10:00"), local("2026-03-02 10:30"))
ITS_NEW_TIME = Claim(
    BOOKED, local("2026-03-02 11:00"), local("2026-03-02 11:30"), NOW + timedelta(minutes=5)
)
HOLD = Claim(HELD, local("2026-03-02 09:00"), local("2026-03-02 09:30"), NOW + timedelta(minutes=5))


def test_bookings_and_holds_are_busy_in_order() -> None:
    assert busy_times([MEETING, HOLD], NOW) == [
        taken("2026-03-02 09:00", "2026-03-02 09:30"),
        taken("2026-03-02 10:00", "2026-03-02 10:30"),
    ]


def test_a_hold_takes_its_time_up_to_its_deadline() -> None:
    just_before = NOW + timedelta(minutes=5) - timedelta.resolution

    assert busy_times([HOLD], just_before) == [taken("2026-03-02 09:00", "2026-03-02 09:30")]


def test_a_hold_takes_nothing_from_its_deadline_on() -> None:
    assert busy_times([HOLD], NOW + timedelta(minutes=5)) == []


def test_the_own_booking_and_its_own_hold_take_nothing() -> None:
    assert busy_times([MEETING, ITS_NEW_TIME, HOLD], NOW, own=BOOKED) == [
        taken("2026-03-02 09:00", "2026-03-02 09:30")
    ]


TIMES = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60)).map(
        lambda made: (made[0] * MINUTE, (made[0] + made[1]) * MINUTE)
    )
)


@given(TIMES, st.integers(0, 60), st.integers(0, 60))
def test_what_calendars_take_is_widened_by_the_buffers_whatever_meets(
    calendar: list[Interval], before: int, after: int
) -> None:
    found = busy_times((), NOW, buffers=Buffers(before, after), calendar=calendar)

    widened = {
        minute
        for begin, end in calendar
        if begin < end
        for minute in range(begin // MINUTE - after, end // MINUTE + before)
    }
    assert {minute for b, e in found for minute in range(b // MINUTE, e // MINUTE)} == widened
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_bookings_and_calendars_together_are_one_row_of_times() -> None:
    begin, end = taken("2026-03-02 09:15", "2026-03-02 11:00")

    assert busy_times([MEETING], NOW, calendar=[(begin, end)])[0][1] == end
