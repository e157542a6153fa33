"""Bookings in one call, each with its verdict and two mails, beside one `SELECT 1`."""

import time
from collections.abc import Iterator
from itertools import count

from benchmarks import load
from benchmarks.holds import BOOKINGS, SELECT, WITH_RULES, selects
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.processor_time import Count
from benchmarks.product import ANSWERS, Letters, Product, letters_of

SECONDS = 3.0


async def measured(product: Product, samples: int) -> Finding:
    """Measure bookings of types without questions and limits."""
    return await measured_bookings(product, samples)


async def measured_bookings(product: Product, samples: int, *, ruled: bool = False) -> Finding:
    """Measure both sides; a sample of ours ends when the last of its mails is accepted."""
    used, numbers = product.processor_time(), count()
    async with letters_of(product) as letters:

        async def ours() -> float:
            done = Count()
            with used.of(done):
                requests = _requests(product, numbers, ruled=ruled)
                rate = await _bookings(product, letters, requests, done)
                await product.settle()
            return rate

        found, anchors = await in_turn(ours, lambda: selects(product, SECONDS), samples)
    return Finding(
        name="bookings_with_rules" if ruled else "bookings",
        claim=f"bookings{WITH_RULES if ruled else ''} in one call until both mails are accepted, "
        f"{load.CONNECTIONS} connections",
        anchor=SELECT,
        unit="/s",
        bar=Bar("at least", 0.035),
        ours=found,
        anchors=anchors,
        notes=(
            "The aim is 0.05.",
            "Mail goes to a server that accepts at once and keeps nothing.",
            used.note("a booking, with all that follows"),
        ),
    )


async def _bookings(
    product: Product, letters: Letters, requests: Iterator[bytes], done: Count
) -> float:
    before = letters.complete
    started = time.perf_counter()
    answers = await load.run(product.booking, requests, SECONDS, wanted=201)
    await letters.wait_for_complete(before + answers.count)
    done.value = answers.count
    return answers.count / (time.perf_counter() - started)


def _requests(product: Product, numbers: Iterator[int], *, ruled: bool) -> Iterator[bytes]:
    for number in numbers:
        body = {**product.free_time(ruled=ruled).hold, "attendee": attendee(number)}
        yield load.post(BOOKINGS, {**body, "answers": ANSWERS} if ruled else body)


def attendee(number: int) -> dict[str, str]:
    """Return an attendee with an address of their own."""
    return {
        "name": "Vera Visitor",
        "email": f"visitor-{number}@example.test",
        "time_zone": "America/New_York",
        "locale": "en",
    }
