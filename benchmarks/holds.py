"""Holds over HTTP, beside an endpoint with one `SELECT 1`."""

import time
from collections.abc import Iterator
from itertools import repeat

from benchmarks import load
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.processor_time import Count
from benchmarks.product import Product

SECONDS = 3.0
BOOKINGS = "/api/booking/v1/bookings"
WITH_RULES = " with questions and limits in use"
SELECT = "an endpoint with one SELECT 1 over the same pool, on the same server"


async def measured(product: Product, samples: int) -> Finding:
    """Measure holds of types without questions and limits."""
    return await measured_holds(product, samples)


async def measured_holds(product: Product, samples: int, *, ruled: bool = False) -> Finding:
    """Measure both sides; behind each sample of ours everything comes to rest."""
    used = product.processor_time()

    async def ours() -> float:
        done = Count()
        with used.of(done):
            started = time.perf_counter()
            answers = await load.run(
                product.booking, _requests(product, ruled=ruled), SECONDS, wanted=201
            )
            seconds = time.perf_counter() - started
            await product.settle()
            done.value = answers.count
        return answers.count / seconds

    found, anchors = await in_turn(ours, lambda: selects(product, SECONDS), samples)
    return Finding(
        name="holds_with_rules" if ruled else "holds",
        claim=f"holds{WITH_RULES if ruled else ''} over HTTP, {load.CONNECTIONS} connections, one "
        "process of each service",
        anchor=SELECT,
        unit="/s",
        bar=Bar("at least", 0.12),
        ours=found,
        anchors=anchors,
        notes=("The aim is 0.15.", used.note("a hold, with all that follows")),
    )


def _requests(product: Product, *, ruled: bool) -> Iterator[bytes]:
    while True:
        yield load.post(BOOKINGS, product.free_time(ruled=ruled).hold)


async def selects(product: Product, seconds: float) -> float:
    """Return how often the anchor answers in a second with `SELECT 1`."""
    return await load.rate(product.anchor_url, repeat(load.get("/select")), seconds)
