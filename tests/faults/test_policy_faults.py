"""A user is blocked and allowed again while parts of the stack are killed: nothing else changes.

The stack has two of each service.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

from tests.checker.idle import wait_until_idle
from tests.e2e.client import (
    BOOKING,
    Caller,
    StackClients,
    Visitor,
    new_key,
    person,
    wait_until,
)
from tests.faults.load import BookableOrganizer
from tests.faults.stack_under_test import StackUnderTest

POLICY = "/api/policy/v1"
SOON_SECONDS = 2.0
# Where a part comes back only behind the block: its own start, and its consumers' return.
BACK_SECONDS = 20.0
POLICIES = ("policy-1", "policy-2")
Broken = Literal[
    "nothing", "policy restarted", "policy killed behind it", "Kafka restarted", "Kafka away"
]


@asynccontextmanager
async def broken(stack: StackUnderTest, what: Broken) -> AsyncIterator[None]:
    """Break it around the block of the user, and have it back behind that."""
    match what:
        case "nothing":
            yield
        case "policy restarted" | "Kafka restarted":
            async with stack.stopped(*(POLICIES if what == "policy restarted" else ("kafka",))):
                await asyncio.sleep(1)
            await wait_until_idle(stack.stack)
            yield
        case "policy killed behind it":
            before = {name: stack.restarts(name) for name in POLICIES}
            yield
            for name in POLICIES:
                stack.stack.kill(name)
            for name, count in before.items():
                assert await stack.until_restarted(name, count), f"{name} has not come back"
        case "Kafka away":
            async with stack.stopped("kafka"):
                yield


async def _switch(ada: Caller, user: str, value: bool | None) -> None:
    body = {"EwsEnabled": value, "reason": "A test", "confirm": True}
    path = f"{POLICY}/users/{user}"
    answer = await ada.send("PATCH", path, body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def _until(clients: StackClients, organizer: BookableOrganizer, status: int) -> None:
    path = f"{BOOKING}/public/pages/{organizer.account.name}"

    async def answers() -> bool:
        return bool((await clients.client("booking").get(path)).status_code == status)

    await wait_until(answers, BACK_SECONDS, f"{status} for the page")


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (0, "nothing"),
        (1, "policy restarted"),
        (2, "policy killed behind it"),
        (3, "Kafka restarted"),
        (4, "Kafka away"),
    ],
)
async def test_a_block_closes_page_links_and_holds_keeps_bookings_and_is_taken_back(
    number: int,
    what: Broken,
    stack_under_test: StackUnderTest,
    clients: StackClients,
    organizers: list[BookableOrganizer],
) -> None:
    organizer, ada = organizers[number], clients.signed_in("ada", "policy")
    link = await organizer.account.link(organizer.private)
    visitor = clients.visitor(link["token"])
    booked = await _booked(stack_under_test, organizer, visitor)
    held = (await visitor.reserve(organizer.private, organizer.start())).json()
    assert (booked["status"], held["status"]) == ("confirmed", "held")

    async with broken(stack_under_test, what):
        await _switch(ada, organizer.account.id, False)
        blocked_at = time.monotonic()
    back_at = time.monotonic()
    await _until(clients, organizer, 404)
    closed_after = time.monotonic() - (blocked_at if what == "nothing" else back_at)
    opened = await clients.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    refused = await visitor.book(organizer.private, organizer.start(), _email())
    too_late = await visitor.change(held, "confirm", {"attendee": person(_email())})
    released, kept = await visitor.show(held), await visitor.show(booked)
    cancelled = await visitor.change(booked, "cancel")

    await _switch(ada, organizer.account.id, None)
    allowed_at = time.monotonic()
    await _until(clients, organizer, 200)
    open_after = time.monotonic() - allowed_at
    again = await _booked(stack_under_test, organizer, visitor)
    print(f"{what}: closed after {closed_after:.2f} s, open again after {open_after:.2f} s")

    seconds = SOON_SECONDS if what in _UNBROKEN else BACK_SECONDS
    assert closed_after < seconds
    assert open_after < seconds
    assert [(403, "/problems/not-available")] * 2 == [_problem(opened), _problem(refused)]
    assert too_late.status_code in (403, 404, 409)
    assert ("released", "policy_disabled") == (released["status"], released["release_reason"])
    assert "confirmed" == kept["status"]
    assert (200, "cancelled") == (cancelled.status_code, cancelled.json()["status"])
    assert "confirmed" == again["status"]


# By the time of the block everything runs. Behind a kill a dead relay keeps its lease a while.
_UNBROKEN = ("nothing", "policy restarted", "Kafka restarted")


async def _booked(
    stack: StackUnderTest, organizer: BookableOrganizer, visitor: Visitor
) -> dict[str, Any]:
    email, start, key = _email(), organizer.start(), new_key()
    answer = await visitor.book(organizer.private, start, email, key)
    assert answer.status_code == 201, answer.text
    booked: dict[str, Any] = answer.json()
    stack.note_booked(organizer.account.id, email, start, booked["id"], key)
    return booked


def _email() -> str:
    return f"blocked-{new_key()[:10]}@example.test"


def _problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]
