"""The page on which a time is picked, beside an endpoint with one `SELECT 1`."""

from datetime import UTC, datetime, timedelta
from itertools import repeat

from benchmarks import load
from benchmarks.holds import SELECT, selects
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.product import Product
from benchmarks.reading import reads

SECONDS = 3.0


async def measured(product: Product, samples: int) -> Finding:
    """Measure both sides; the month is one that is all ahead."""
    month = (datetime.now(UTC).replace(day=1) + timedelta(days=62)).strftime("%Y-%m")
    request = load.get(f"{product.office.path}?month={month}&tz=Europe%2FCopenhagen")
    used = product.processor_time()

    async def ours() -> float:
        return await reads(product.booking, repeat(request), SECONDS, used)

    found, anchors = await in_turn(ours, lambda: selects(product, SECONDS), samples)
    return Finding(
        name="pick_page",
        claim=f"the page with a month and the times of a day, {load.CONNECTIONS} connections",
        anchor=SELECT,
        unit="/s",
        bar=Bar("at least", 0.10),
        ours=found,
        anchors=anchors,
        notes=(used.note("a page"),),
    )
