"""Hundreds at one moment: one winner, no deadlock in PostgreSQL, and each is answered soon."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import post
from deploy.local.stack import LocalStack
from tests.e2e.client import BOOKING, Organizer, StackClients, after, instant, new_key, person
from tests.e2e.racing import CLIENTS, SOON_SECONDS, Race, alone, booking, of_attendee, race
from tests.running_service import free_port, run

# So long before the deadline the race begins: its connections are opened first.
CONNECTING_SECONDS = 0.4
# How PostgreSQL writes 40P01 and 40001.
LOST_RACES = ("deadlock detected", "could not serialize access")


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-31")


@pytest.fixture(autouse=True)
async def nothing_lost_in_postgres(stack: LocalStack) -> AsyncIterator[None]:
    """Neither a deadlock nor a serialization failure is in PostgreSQL's log."""
    log = stack.state_dir / "logs" / "postgres.log"
    before = log.stat().st_size
    yield
    written = log.read_bytes()[before:].decode()

    assert [] == [line for line in written.splitlines() if any(each in line for each in LOST_RACES)]


@pytest.fixture(scope="module")
async def uncontended(clients: StackClients, organizer: Organizer) -> float:
    """How long a booking takes when nobody else asks for anything, on this machine right now."""
    kind = await organizer.meeting_type()
    url = clients.stack.url("booking")
    seen = await alone(url, [booking(kind["id"], after(20, hour), hour) for hour in range(20)])

    assert {201: 20} == seen.statuses
    return seen.median


def assert_soon(seen: Race, uncontended: float) -> None:
    times = f"{seen.p99 / uncontended:.1f} times the median of one alone"
    print(f"{len(seen.answers)}: p99 {seen.p99:.3f} s, {times}")

    assert seen.p99 < SOON_SECONDS


async def confirmed(organizer: Organizer, kind: dict[str, Any]) -> list[dict[str, Any]]:
    seen = await organizer.caller.get(f"{BOOKING}/bookings", status="confirmed", limit=200)
    return [each for each in seen.json()["items"] if each["meeting_type_id"] == kind["id"]]


async def test_of_hundreds_for_one_slot_one_is_booked(
    clients: StackClients, organizer: Organizer, uncontended: float
) -> None:
    kind, start = await organizer.meeting_type(), after(3, 9)
    seen = await race(
        clients.stack.url("booking"),
        [booking(kind["id"], start, number) for number in range(CLIENTS)],
    )

    assert {201: 1, 409: CLIENTS - 1} == seen.statuses
    assert {"slot-taken"} == seen.problems
    assert all(each.json()["alternatives"] for each in seen.answers if each.status == 409)
    assert [start] == [each["start"] for each in await confirmed(organizer, kind)]
    assert_soon(seen, uncontended)


async def test_of_hundreds_with_a_single_use_link_one_is_booked(
    clients: StackClients, organizer: Organizer, uncontended: float
) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"], max_uses=1)
    starts = await clients.visitor(link["token"]).starts(kind["id"], after(5), after(8))
    seen = await race(
        clients.stack.url("booking"),
        [
            booking(kind["id"], starts[number % len(starts)], number, link["token"])
            for number in range(CLIENTS)
        ],
    )

    assert 1 == seen.statuses[201]
    assert seen.problems <= {"link-in-use", "link-dead", "slot-taken"}
    assert 1 == len(await confirmed(organizer, kind))
    used = (await organizer.caller.get(f"{BOOKING}/links/{link['id']}")).json()
    assert ("consumed", 1) == (used["state"], used["uses"])
    assert_soon(seen, uncontended)


async def test_of_hundreds_for_the_last_place_of_a_day_one_has_it(
    clients: StackClients, organizer: Organizer, uncontended: float
) -> None:
    kind = await organizer.meeting_type(max_per_day=1, duration_minutes=5, increment_minutes=5)
    starts = await clients.visitor().starts(kind["id"], after(9, 6), after(9, 21))
    seen = await race(
        clients.stack.url("booking"),
        [booking(kind["id"], starts[number % len(starts)], number) for number in range(CLIENTS)],
    )

    assert {201: 1, 409: CLIENTS - 1} == seen.statuses
    assert seen.problems <= {"slot-not-offered", "slot-taken"}
    assert 1 == len(await confirmed(organizer, kind))
    assert_soon(seen, uncontended)


async def test_hundreds_of_cancellations_against_moves_leave_it_cancelled(
    clients: StackClients, organizer: Organizer, uncontended: float
) -> None:
    kind, visitor = await organizer.meeting_type(), clients.visitor()
    booked = (await visitor.book(kind["id"], after(11, 9), "torn@example.test")).json()
    asked = [
        of_attendee(booked, "cancel")
        if number % 2
        else of_attendee(booked, "reschedule", {"start": after(12, number % 24)})
        for number in range(CLIENTS)
    ]
    seen = await race(clients.stack.url("booking"), asked)

    assert {200} == {each.status for each in seen.answers[1::2]}
    assert {each.status for each in seen.answers[::2]} <= {200, 409}
    assert "cancelled" == (await visitor.show(booked))["status"]
    free = set(await visitor.starts(kind["id"], after(11), after(13)))
    assert {after(11, 9), *(after(12, hour) for hour in range(0, 24, 2))} <= free
    assert_soon(seen, uncontended)


async def test_hundreds_of_approvals_against_withdrawals_leave_it_cancelled(
    clients: StackClients, organizer: Organizer, uncontended: float
) -> None:
    kind, visitor = await organizer.meeting_type(approval_required=True), clients.visitor()
    asked = (await visitor.book(kind["id"], after(13, 9), "asks@example.test")).json()
    approve = post(
        f"{BOOKING}/bookings/{asked['id']}/approve",
        {},
        {**organizer.caller.headers, "Idempotency-Key": new_key()},
    )
    seen = await race(
        clients.stack.url("booking"),
        [
            of_attendee(asked, "cancel")
            if number % 2
            else approve.replace(b"Idempotency-Key: ", b"Idempotency-Key: %03d" % number)
            for number in range(CLIENTS)
        ],
    )
    found = await visitor.show(asked)

    assert {200} == {each.status for each in seen.answers[1::2]}
    assert {each.status for each in seen.answers[::2]} <= {200, 409}
    assert "cancelled" == found["status"]
    # Withdrawn before anybody approved, or a meeting that was called off.
    was_approved = any(each.status == 200 for each in seen.answers[::2])
    assert was_approved == (found["decline_reason"] is None)
    assert_soon(seen, uncontended)


@pytest.fixture
def short_holds(stack: LocalStack, tmp_path: Path) -> Iterator[str]:
    """The address of one more process of booking, which holds times for five seconds."""
    port = str(free_port())
    chosen = {
        **stack.environment("booking", "3"),
        "BOOKWITH_HTTP_PORT": port,
        "BOOKWITH_HOLD_SECONDS": "5",
    }
    command = ("-m", "services.booking", "serve", "--roles", "http")
    with run(command, tmp_path / "booking.log", chosen, f"http://127.0.0.1:{port}") as process:
        process.wait_until_alive()
        yield process.address


async def test_hundreds_of_confirmations_at_the_deadline_make_one_meeting_or_none(
    clients: StackClients, organizer: Organizer, short_holds: str, uncontended: float
) -> None:
    """All confirm one hold, each for themselves, at its deadline; at most one is in time."""
    kind, visitor = await organizer.meeting_type(), clients.visitor()
    body = {"meeting_type_id": kind["id"], "start": after(14, 9)}
    held = (await alone(short_holds, [post(f"{BOOKING}/bookings", body)])).answers[0].json()
    confirmations = [
        of_attendee(held, "confirm", {"attendee": person(f"late-{number}@example.test")})
        for number in range(CLIENTS)
    ]
    deadline = instant(held["hold_expires_at"])
    await asyncio.sleep((deadline - datetime.now(UTC)).total_seconds() - CONNECTING_SECONDS)
    seen = await race(short_holds, confirmations)
    found = await visitor.show(held)
    winners = seen.statuses[200]

    assert winners <= 1
    assert ("confirmed" if winners else "released") == found["status"]
    assert {each.status for each in seen.answers} <= {200, 409, 410}
    assert winners == len(await confirmed(organizer, kind))
    assert_soon(seen, uncontended)
