"""Killed by SIGKILL at each named point, at the first pass and at a later one, while people book."""

import asyncio
import time
from itertools import zip_longest

import pytest

from tests.checker.evidence import Fault
from tests.e2e.client import World
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place

RELAY = ("relay.read", "relay.sent", "relay.acknowledged", "relay.marking")
CONSUMER = ("consumer.polled", "consumer.marked", "consumer.applied", "consumer.committed")
POINTS = {
    "booking": (
        "store.claimed",
        "store.appended",
        "http.answering",
        *RELAY,
        *CONSUMER,
        "timers.claimed",
        "timers.fired",
    ),
    "availability": (*CONSUMER, *RELAY),
    "notifier": (
        "notifier.intended",
        "notifier.connected",
        "notifier.data",
        "notifier.accepted",
        "notifier.marked",
        *CONSUMER,
        *RELAY,
    ),
}
# The services die side by side, each at a point of its own: rounds are what the test costs.
ROUNDS = [
    {service: point for service, point in zip(POINTS, points, strict=True) if point}
    for points in zip_longest(*POINTS.values())
]
LATER_PASS = 3


@pytest.mark.parametrize("points", ROUNDS, ids=lambda points: " ".join(points.values()))
async def test_nothing_is_lost_or_doubled_by_a_death_at(
    points: dict[str, str], bench: Bench, world: World, where: list[Place]
) -> None:
    load = Load(world, where)
    began = time.monotonic()
    playing = asyncio.create_task(load.play_until_stopped())
    faults = []
    for passes in (1, LATER_PASS):
        for service, point in points.items():
            bench.arm(service, point, passes)
        hit = await bench.until_hit(points)
        faults += [
            Fault(f"{service} killed at {point}, pass {passes}", 1, int(service in hit))
            for service, point in points.items()
        ]
        for service in points:
            bench.disarm(service)
    hits = time.monotonic() - began
    load.stop()
    await playing
    played = time.monotonic() - began
    bench.asked += load.asked
    violations = await bench.violations(faults)
    print(f"{hits:.1f} s to the last death, {played:.1f} s played {load.done} scenes, "
          f"{time.monotonic() - began:.1f} s in all")

    assert violations == [], words(violations)
