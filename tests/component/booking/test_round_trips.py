"""How often each command waits for the database, as its process counts it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from contracts.capabilities import PAGE_EMAIL
from contracts.topics import BOOKING_EVENTS
from services.booking import waiting
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    vera,
)
from tests.component.running import KEYS

BOOKINGS = "/api/booking/v1/bookings"
REQUEST = "/page/email-request"


def round_trips(route: str, method: str = "POST") -> float:
    """Return the round trips of all requests to the route so far."""
    labels = {"method": method, "route": route}
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


async def test_a_list_of_50_bookings_takes_at_most_three_round_trips(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    starts = [day(3 + n // 25, *divmod(30 * (n % 25), 60)) for n in range(50)]
    await asyncio.gather(*(service.held(kind, start, wait=False) for start in starts))
    before = round_trips(BOOKINGS, "GET")
    listed = await anna.body_of("GET", "/bookings?status=held&limit=50")

    assert 50 == len(listed["items"])
    assert round_trips(BOOKINGS, "GET") - before <= 3


async def test_each_step_of_another_mail_address_reads_once_and_appends_once(
    service: BookingService, anna: Organizer
) -> None:
    asked_at, proven_at = (f"/api/booking/v1/page/email-request{step}" for step in ("", "/prove"))
    body = {"email": f"own-{new_id().hex}@elsewhere.example"}
    asked, to_ask = await counted(asked_at, lambda: anna.call("POST", REQUEST, body))
    event = await service.topics.one(BOOKING_EVENTS, anna.id, "PageEmailRequested")
    token = KeyRing.parse(KEYS).issue(PAGE_EMAIL, event.event.request_id)
    proven, to_prove = await counted(
        proven_at, lambda: anna.call("POST", f"{REQUEST}/prove", {"token": token})
    )
    own = service.sign_in.with_claims(
        sub=anna.identity, name="Anna", email="anna@own.example", roles=["organizer"]
    )
    back, to_sign_in = await counted(
        asked_at, lambda: service.call("POST", REQUEST, {"email": "anna@own.example"}, own)
    )

    assert (202, 200, 200) == (asked.status_code, proven.status_code, back.status_code)
    # The page is read once more for the answer.
    assert (2, 2, 3) == (to_ask, to_prove, to_sign_in)
