"""Twenty switches of the policy while visitors book: nothing is confirmed behind a denial."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from deploy.local.stack import LocalStack
from tests.checker.evidence import Fault
from tests.e2e.client import Caller, StackClients
from tests.faults.load import BookableOrganizer, Load
from tests.faults.stack_under_test import StackUnderTest, words

POLICY = "/api/policy/v1"
SWITCHES, BOOKINGS = 20, 500
# From the answer to the administrator on, to everybody who may book.
BOUND_SECONDS = 2.0
OURS = "MicrosoftOWSPersonalBookings"
OFF_ON: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"EwsEnabled": False}, {"EwsEnabled": None}),
    (
        {"EwsApplicationAccessPolicy": "EnforceBlockList", "EwsBlockList": {"add": [OURS]}},
        {"EwsApplicationAccessPolicy": None, "EwsBlockList": []},
    ),
)


@dataclass(frozen=True, slots=True)
class Window:
    """From the answer that turned these organizers off to the request that turned them on."""

    organizers: frozenset[str]
    began: datetime
    ended: datetime


async def test_nothing_is_confirmed_two_seconds_behind_any_of_twenty_switches(
    stack: LocalStack,
    stack_under_test: StackUnderTest,
    clients: StackClients,
    organizers: list[BookableOrganizer],
) -> None:
    load, ada = Load(clients, organizers), clients.signed_in("ada", "policy")
    running = asyncio.create_task(load.run_until_stopped())
    everybody = frozenset(each.account.id for each in organizers)
    windows = []
    for number in range(SWITCHES // 2):
        off, on = OFF_ON[number % 2]
        one = organizers[number % len(organizers)].account.id
        path, whom = (
            ("/organization", everybody) if number % 4 < 2 else (f"/users/{one}", frozenset({one}))
        )  # fmt: skip
        await _switch(ada, path, off)
        began = datetime.now(UTC)
        await asyncio.sleep(BOUND_SECONDS + 0.5)
        ended = datetime.now(UTC)
        await _switch(ada, path, on)
        windows.append(Window(whom, began, ended))
        await load.until(load.done + 20)
    await load.until(BOOKINGS)
    load.stop()
    await running
    stack_under_test.asked += load.asked
    violations = await stack_under_test.violations([Fault("the policy switched", 20, 20)])
    confirmed = _confirmed(stack)

    late = [
        (organizer, at, window)
        for organizer, at in confirmed
        for window in windows
        if organizer in window.organizers
        and window.began + timedelta(seconds=BOUND_SECONDS) < at < window.ended
    ]
    assert [] == late
    assert violations == [], words(violations)
    assert len(confirmed) > SWITCHES


async def _switch(ada: Caller, path: str, change: dict[str, Any]) -> None:
    body = {**change, "reason": "A test"}
    answer = await ada.send("PATCH", POLICY + path, body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def _confirmed(stack: LocalStack) -> list[tuple[str, datetime]]:
    """Return whose bookings were confirmed when."""
    with psycopg.connect(stack.database_url("booking")) as connection:
        return connection.execute(
            "SELECT partition_key, time FROM events WHERE type = 'BookingConfirmed'"
        ).fetchall()
