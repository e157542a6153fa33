"""`/livez` of booking, beside a bare Starlette route on the same server."""

from itertools import repeat

from benchmarks import load
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.product import Product
from benchmarks.reading import reads

SECONDS = 3.0


async def measured(product: Product, samples: int) -> Finding:
    """Measure both sides."""
    used, request = product.processor_time(), load.get("/livez")

    async def ours() -> float:
        return await reads(product.booking, repeat(request), SECONDS, used)

    async def anchor() -> float:
        return await load.rate(product.anchor_url, repeat(request), SECONDS)

    found, anchors = await in_turn(ours, anchor, samples)
    return Finding(
        name="livez",
        claim=f"/livez of booking, {load.CONNECTIONS} connections",
        anchor="a bare Starlette route on the same server",
        unit="/s",
        bar=Bar("at least", 0.35),
        ours=found,
        anchors=anchors,
        notes=(used.note("an answer"),),
    )
