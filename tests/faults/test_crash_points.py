"""Killed by SIGKILL at each named point, at the first pass and at a later one, under load."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from tests.checker.evidence import Fault
from tests.e2e.client import World
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place

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


async def deaths(bench: Bench, service: str, points: Sequence[str], passes: int) -> list[Fault]:
    """Let the service die at one point after the other."""
    faults = []
    for point in points:
        began = time.monotonic()
        bench.arm(service, point, passes)
        hit = await bench.until_hit(service)
        bench.disarm(service)
        name = f"{service} killed at {point}, pass {passes}"
        print(f"{name} after {time.monotonic() - began:.1f} s")
        faults.append(Fault(name, 1, int(hit)))
    return faults


@pytest.mark.parametrize(("passes", "points"), PASSES.items(), ids=["first pass", "third pass"])
async def test_nothing_is_lost_or_doubled_wherever_a_process_dies(
    passes: int,
    points: dict[str, tuple[str, ...]],
    bench: Bench,
    world: World,
    where: list[Place],
) -> None:
    load = Load(world, where)
    playing = asyncio.create_task(load.play_until_stopped())
    died = await asyncio.gather(
        *(deaths(bench, service, wanted, passes) for service, wanted in points.items())
    )
    load.stop()
    await playing
    bench.asked += load.asked
    violations = await bench.violations([fault for faults in died for fault in faults])

    assert violations == [], words(violations)
