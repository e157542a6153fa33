"""How often each command waits for the database, as its process counts it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.booking import waiting
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    vera,
)

BOOKINGS = "/api/booking/v1/bookings"


def round_trips(route: str) -> float:
    """Return the round trips of all requests to the route so far."""
    labels = {"method": "POST", "route": route}
    return REGISTRY.get_sample_value("bookwith_request_round_trips_sum", labels) or 0


async def counted(route: str, send: Callable[[], Awaitable[Any]]) -> tuple[Any, float]:
    """Return what was answered, and how many round trips that took."""
    before = round_trips(route)
    answer = await send()
    return answer, round_trips(route) - before


@pytest.fixture(autouse=True)
def nothing_is_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the signal of a verdict lead to another look: a slow machine polls meanwhile."""
    monkeypatch.setattr(waiting, "POLL_SECONDS", 60.0)


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A public meeting type."""
    return await anna.meeting_type()


async def test_a_hold_takes_two_round_trips(service: BookingService, kind: dict[str, Any]) -> None:
    """One to read, one to append; the verdict this process has committed itself."""
    _, trips = await counted(BOOKINGS, lambda: service.reserve(kind, day(3)))

    assert 2 == trips


async def test_a_booking_with_an_attendee_takes_four_round_trips_and_with_a_key_six(
    service: BookingService, kind: dict[str, Any]
) -> None:
    """The hold's two, one to see the verdict, one to confirm; two more for the key."""
    _, trips = await counted(BOOKINGS, lambda: service.reserve(kind, day(3), attendee=vera()))
    answer, with_key = await counted(
        BOOKINGS, lambda: service.reserve(kind, day(4), attendee=vera(), key=key())
    )

    assert (201, "confirmed") == (answer.status_code, answer.json()["status"])
    assert (4, 6) == (trips, with_key)


@pytest.mark.parametrize(
    ("command", "body", "expected"),
    [
        ("confirm", {"attendee": vera()}, 2),
        ("release", None, 2),
    ],
)
async def test_a_command_on_a_hold_reads_once_and_appends_once(
    service: BookingService,
    kind: dict[str, Any],
    command: str,
    body: dict[str, Any] | None,
    expected: int,
) -> None:
    held = await service.held(kind, day(3))
    answer, trips = await counted(
        f"{BOOKINGS}/{{booking_id}}/{command}", lambda: service.manage(held, command, body)
    )

    assert 200 == answer.status_code
    assert expected == trips


@pytest.mark.parametrize(
    ("command", "body", "expected"),
    [
        ("cancel", {"reason": "ill"}, 2),
        ("reschedule", {"start": day(4)}, 3),
    ],
)
async def test_a_change_of_a_booking_reads_once_and_appends_once(
    service: BookingService,
    kind: dict[str, Any],
    command: str,
    body: dict[str, Any],
    expected: int,
) -> None:
    """A move looks once more, when its verdict has come."""
    booked = await service.booked(kind, day(3))
    answer, trips = await counted(
        f"{BOOKINGS}/{{booking_id}}/{command}", lambda: service.manage(booked, command, body)
    )

    assert 200 == answer.status_code
    assert expected == trips
