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
FOUNDATION = {part: (part,) for part in ("kafka", "postgres", "inbox")}
AWAY_SECONDS = 2.0


@pytest.mark.parametrize(
    ("parts", "away"),
    [(SERVICES, 0.0), (FOUNDATION, AWAY_SECONDS)],
    ids=["services", "foundation, and away for a while"],
)
async def test_nothing_is_lost_or_doubled_when_this_is_killed_under_load(
    parts: dict[str, tuple[str, ...]],
    away: float,
    bench: Bench,
    world: World,
    where: list[Place],
) -> None:
    load, began = Load(world, where), time.monotonic()
    playing = asyncio.create_task(load.play(BOOKINGS))
    faults = []
    outages = []
    for number, (name, processes) in enumerate(parts.items(), start=1):
        await load.until(BOOKINGS * number // (len(parts) + 2))
        faults.append(Fault(f"{name} killed in the middle", 1, int(load.done < BOOKINGS)))
        print(f"{name} killed at {time.monotonic() - began:.1f} s, {load.done} scenes played")
        outages.append(asyncio.create_task(outage(bench, processes, away)))
        await asyncio.sleep(0)
    await asyncio.gather(playing, *outages)
    print(f"all played at {time.monotonic() - began:.1f} s")
    bench.asked += load.asked
    violations = await bench.violations(faults)
    print(f"quiet and checked at {time.monotonic() - began:.1f} s")

    assert violations == [], words(violations)
    assert load.done == BOOKINGS
    assert all(asked.outcome != "unknown" for asked in load.asked)


async def outage(bench: Bench, processes: tuple[str, ...], seconds: float) -> None:
    """Kill the processes at once, and let them be started again after the time."""
    async with bench.away(*processes):
        await asyncio.sleep(seconds)
