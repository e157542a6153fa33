"""A hold is extended once, by whoever holds it."""

from datetime import datetime
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    problem,
    vera,
)


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    """A public meeting type."""
    return await anna.meeting_type()


async def test_a_hold_is_extended_once_and_availability_hears_of_it(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    held = await service.held(kind, day(3))

    extended = await service.manage(held, "extend")
    again = await service.manage(held, "extend")
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "HoldExtended")

    before = datetime.fromisoformat(held["hold_expires_at"])
    until = datetime.fromisoformat(extended.json()["hold_expires_at"])
    assert 200 == extended.status_code
    assert before < until
    assert (409, "state-conflict") == problem(again)
    assert (until, held["id"]) == (published.event.expires_at, str(published.event.booking_id))
    assert 200 == (await service.manage(held, "confirm", {"attendee": vera()})).status_code


async def test_an_extension_sent_again_under_its_key_is_answered_again(
    service: BookingService, kind: dict[str, Any]
) -> None:
    held, name = await service.held(kind, day(3)), key()

    first = await service.manage(held, "extend", Idempotency_Key=name)
    again = await service.manage(held, "extend", Idempotency_Key=name)

    assert (200, first.json()) == (again.status_code, again.json())


async def test_an_extended_hold_outlasts_its_first_deadline_and_its_timer(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    async with service.another_process(hold_seconds=1.5) as brief:
        held = await brief.held(kind, day(3))
        await service.manage(held, "extend")  # by five minutes
        async with service.another_process("timers"):
            await service.booking.rows("SELECT pg_sleep(2.2)")
        seen = await service.read(held)
        taken = await service.reserve(kind, day(3))

    assert "held" == seen["status"]
    assert (409, "slot-taken") == problem(taken)
    assert "SlotReleased" not in await anna.events()


async def test_a_hold_past_its_deadline_and_a_confirmed_booking_are_not_extended(
    service: BookingService, short_holds: BookingService, kind: dict[str, Any]
) -> None:
    late = await short_holds.held(kind, day(3), wait=False)
    await service.booking.rows("SELECT pg_sleep(0.35)")
    booked = await service.booked(kind, day(4))

    assert (409, "hold-over") == problem(await service.manage(late, "extend"))
    assert (409, "state-conflict") == problem(await service.manage(booked, "extend"))
