"""Services killed by SIGKILL at each named point, at its first pass and its third, under load."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.checker.evidence import Fault
from tests.e2e.client import StackClients
from tests.faults.load import BookableOrganizer, Load
from tests.faults.stack_under_test import StackUnderTest, words

RELAY = ("relay.read", "relay.sent", "relay.acknowledged", "relay.marking")
CONSUMER = ("consumer.polled", "consumer.marked", "consumer.applied", "consumer.committed")
BOOKING = ("store.claimed", "timers.claimed", "http.answering", "store.appended", "timers.fired")
NOTIFIER = tuple(
    f"notifier.{point}" for point in ("intended", "connected", "data", "accepted", "marked")
)
# Every point at the first pass and at a later one; those that all services share move on between.
PASSES = {
    1: {
        "booking": (*BOOKING, *RELAY),
        "availability": CONSUMER,
        "notifier": (*NOTIFIER, *CONSUMER),
    },
    3: {
        "booking": (*BOOKING, *CONSUMER),
        "availability": RELAY,
        "notifier": (*NOTIFIER, *RELAY),
    },
}


async def kill_at_each_point(
    stack_under_test: StackUnderTest, service: str, points: Sequence[str], passes: int
) -> list[Fault]:
    """Let the service be killed at one point after the other."""
    faults = []
    for point in points:
        began = time.monotonic()
        stack_under_test.arm(service, point, passes)
        hit = await stack_under_test.until_hit(service)
        stack_under_test.disarm(service)
        name = f"{service} killed at {point}, pass {passes}"
        print(f"{name} after {time.monotonic() - began:.1f} s")
        faults.append(Fault(name, 1, int(hit)))
    return faults


@pytest.mark.parametrize(("passes", "points"), PASSES.items(), ids=["first pass", "third pass"])
async def test_nothing_is_lost_or_doubled_at_whichever_point_a_process_is_killed(
    passes: int,
    points: dict[str, tuple[str, ...]],
    stack_under_test: StackUnderTest,
    clients: StackClients,
    organizers: list[BookableOrganizer],
) -> None:
    load = Load(clients, organizers)
    running_load = asyncio.create_task(load.run_until_stopped())
    died = await asyncio.gather(
        *(
            kill_at_each_point(stack_under_test, service, wanted, passes)
            for service, wanted in points.items()
        )
    )
    load.stop()
    await running_load
    stack_under_test.asked += load.asked
    violations = await stack_under_test.violations([fault for faults in died for fault in faults])

    assert violations == [], words(violations)
