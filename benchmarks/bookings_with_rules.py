"""Bookings of types with questions and limits: the row of `bookings` again, with its bar."""

import asyncio

from benchmarks.bookings import measured_bookings
from benchmarks.measuring import Finding
from benchmarks.product import Product


async def measured(product: Product, samples: int) -> Finding:
    """Measure bookings that have questions, and are counted by day, week and attendee."""
    await asyncio.to_thread(product.make_ruled_types)
    return await measured_bookings(product, samples, ruled=True)
