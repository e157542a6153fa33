"""From a confirm, a move and a cancel to the acceptance of both mails, nothing else running."""

import asyncio
import math
import time
from itertools import count
from typing import Any

from benchmarks import load
from benchmarks.bookings import attendee
from benchmarks.holds import BOOKINGS
from benchmarks.load import Connection
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.product import LETTERS, Letters, Product, letters_of

ROUNDS = 20
IDLE_SECONDS = 0.05
LIMIT_SECONDS = 0.5


async def measured(product: Product, samples: int) -> Finding:
    """Measure one command at a time; there is nothing to run beside it, so the limit is fixed."""
    numbers = count()
    times: dict[str, list[float]] = {"confirm": [], "reschedule": [], "cancel": []}
    async with letters_of(product) as letters:
        connection = await load.connect(product.booking)

        async def ours() -> float:
            sample = []
            for number in (next(numbers) for _ in range(ROUNDS)):
                found = await _round(product, connection, letters, number)
                for verb, seconds in found.items():
                    times[verb].append(seconds)
                    sample.append(seconds)
            return _p99(sample) * 1_000

        async def limit() -> float:
            return LIMIT_SECONDS * 1_000

        found, limits = await in_turn(ours, limit, samples)
        connection.close()
    return Finding(
        name="letters",
        claim="from a confirm, a move, a cancel to the acceptance of both mails, idle, p99",
        anchor="half a second, which is the limit",
        unit="ms",
        bar=Bar("at most", 1),
        ours=found,
        anchors=limits,
        notes=(
            "Mail goes to a server that accepts at once and keeps nothing.",
            *(
                f"p99 of {verb}: {_p99(each) * 1_000:.0f} ms, of {len(each)}."
                for verb, each in times.items()
            ),
        ),
    )


async def _round(
    product: Product, connection: Connection, letters: Letters, number: int
) -> dict[str, float]:
    """Hold a time, then confirm, move and cancel; return how long the mails of each took."""
    free = product.free_time()
    held = (await connection.ask(load.post(BOOKINGS, free.hold))).json()
    bodies: dict[str, dict[str, Any]] = {
        "confirm": {"attendee": attendee(number)},
        "reschedule": {"start": free.behind},
        "cancel": {},
    }
    found = {}
    for place, (verb, body) in enumerate(bodies.items(), start=1):
        await asyncio.sleep(IDLE_SECONDS)
        request = load.post(
            f"{BOOKINGS}/{held['id']}/{verb}", body, {"X-Manage-Token": held["manage_token"]}
        )
        started = time.perf_counter()
        answer = await connection.ask(request)
        if answer.status != 200:
            raise load.Unexpected(f"{verb} was answered {answer}")
        await letters.wait_for(held["id"], place * LETTERS)
        found[verb] = time.perf_counter() - started
    return found


def _p99(times: list[float]) -> float:
    """Return the time that 99 of 100 do not exceed."""
    return sorted(times)[math.ceil(len(times) * 0.99) - 1]
