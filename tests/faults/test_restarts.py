"""Whole parts killed by SIGKILL in the middle of 200 bookings; the supervisor restarts them."""

import asyncio
import time

import pytest

from tests.checker.evidence import Fault
from tests.e2e.client import StackClients
from tests.faults.load import BookableOrganizer, Load
from tests.faults.stack_under_test import StackUnderTest, words

BOOKINGS = 200
# All instances of a service at once, so that no other instance can take over.
SERVICES = {
    service: (f"{service}-1", f"{service}-2")
    for service in ("booking", "availability", "notifier", "policy")
}
INFRASTRUCTURE = {part: (part,) for part in ("kafka", "postgres", "inbox")}
STOPPED_SECONDS = 2.0


@pytest.mark.parametrize(
    ("parts", "away"),
    [(SERVICES, 0.0), (INFRASTRUCTURE, STOPPED_SECONDS)],
    ids=["services", "PostgreSQL, Kafka and inbox, stopped for two seconds"],
)
async def test_nothing_is_lost_or_doubled_when_these_processes_are_killed_under_load(
    parts: dict[str, tuple[str, ...]],
    away: float,
    stack_under_test: StackUnderTest,
    clients: StackClients,
    organizers: list[BookableOrganizer],
) -> None:
    load, began = Load(clients, organizers), time.monotonic()
    running_load = asyncio.create_task(load.run(BOOKINGS))
    faults = []
    outages = []
    for number, (name, processes) in enumerate(parts.items(), start=1):
        await load.until(BOOKINGS * number // (len(parts) + 2))
        faults.append(Fault(f"{name} killed in the middle", 1, int(load.done < BOOKINGS)))
        print(f"{name} killed at {time.monotonic() - began:.1f} s, {load.done} scenarios done")
        outages.append(asyncio.create_task(outage(stack_under_test, processes, away)))
        await asyncio.sleep(0)
    await asyncio.gather(running_load, *outages)
    print(f"all done at {time.monotonic() - began:.1f} s")
    stack_under_test.asked += load.asked
    violations = await stack_under_test.violations(faults)
    print(f"quiet and checked at {time.monotonic() - began:.1f} s")

    assert violations == [], words(violations)
    assert load.done == BOOKINGS
    assert all(asked.outcome != "unknown" for asked in load.asked)


async def outage(
    stack_under_test: StackUnderTest, processes: tuple[str, ...], seconds: float
) -> None:
    """Kill the processes at once, and let them be started again after the time."""
    async with stack_under_test.stopped(*processes):
        await asyncio.sleep(seconds)
