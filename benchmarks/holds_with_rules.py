"""Holds of types with questions and limits: the row of `holds` once more, with the same bar."""

import asyncio

from benchmarks.holds import measured_holds
from benchmarks.measuring import Finding
from benchmarks.product import Product


async def measured(product: Product, samples: int) -> Finding:
    """Measure holds that have questions, and are counted by day, week and attendee."""
    await asyncio.to_thread(product.make_ruled_types)
    return await measured_holds(product, samples, ruled=True)
