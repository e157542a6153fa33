"""Whole parts killed by SIGKILL in the middle of 200 bookings; the supervisor starts them again."""

import asyncio
import time

import pytest

from tests.checker.evidence import Fault
from tests.e2e.client import World
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place

BOOKINGS = 200
# All instances of a service at once: there is nobody left who could take over.
SERVICES = {
    service: (f"{service}-1", f"{service}-2")
    for service in ("booking", "availability", "notifier", "policy")
}
FOUNDATION = {"kafka": ("kafka",), "postgres": ("postgres",), "inbox": ("inbox",)}


@pytest.mark.parametrize("parts", [SERVICES, FOUNDATION], ids=["services", "foundation"])
async def test_nothing_is_lost_or_doubled_when_this_is_killed_under_load(
    parts: dict[str, tuple[str, ...]], bench: Bench, world: World, where: list[Place]
) -> None:
    load, began = Load(world, where), time.monotonic()
    playing = asyncio.create_task(load.play(BOOKINGS))
    faults = []
    for number, (name, processes) in enumerate(parts.items(), start=1):
        await load.until(BOOKINGS * number // (len(parts) + 1))
        before = {process: bench.restarts(process) for process in processes}
        for process in processes:
            bench.stack.kill(process)
        happened = [await bench.until_restarted(each, count) for each, count in before.items()]
        faults.append(Fault(f"{name} killed in the middle", 1, int(all(happened))))
        print(f"{name} was back after {time.monotonic() - began:.1f} s, {load.done} scenes played")
    await playing
    print(f"played after {time.monotonic() - began:.1f} s")
    bench.asked += load.asked
    violations = await bench.violations(faults)

    assert violations == [], words(violations)
    assert load.done == BOOKINGS
    assert all(asked.outcome != "unknown" for asked in load.asked)
