"""What bookings and holds take of an organizer's time."""

from datetime import timedelta
from uuid import UUID

from services.availability.domain.busy import Claim, busy_times
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
