"""The free times of a month over HTTP, beside an endpoint with one `SELECT 1`."""

from datetime import UTC, datetime, timedelta
from itertools import repeat

from benchmarks import load
from benchmarks.holds import SELECT, selects
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.product import Product
from benchmarks.reading import reads

SECONDS = 3.0
SLOTS = 352
DAYS = 30


async def measured(product: Product, samples: int) -> Finding:
    """Measure both sides; the times are asked for as the pages ask for them."""
    request = load.get(_path(product))
    await _check(product, request)
    used = product.processor_time()

    async def ours() -> float:
        return await reads(product.availability, repeat(request), SECONDS, used)

    found, anchors = await in_turn(ours, lambda: selects(product, SECONDS), samples)
    return Finding(
        name="slots",
        claim=f"the {SLOTS} free times of a month, {load.CONNECTIONS} connections",
        anchor=SELECT,
        unit="/s",
        bar=Bar("at least", 0.25),
        ours=found,
        anchors=anchors,
        notes=(used.note("an answer"),),
    )


def _path(product: Product) -> str:
    """Return the address of 30 days from a Monday: 22 working days of 16 half hours."""
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    return (
        f"/api/availability/v1/slots?meeting_type_id={product.office.id}&from={monday}"
        f"&to={monday + timedelta(days=DAYS)}&time_zone=Europe%2FCopenhagen"
    )


async def _check(product: Product, request: bytes) -> None:
    connection = await load.connect(product.availability)
    answer = await connection.ask(request)
    connection.close()
    if answer.status != 200 or len(answer.json()["slots"]) != SLOTS:
        raise load.Unexpected(f"not {SLOTS} free times: {answer}")
