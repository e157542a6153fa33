"""Free starts around 10,000 busy times, beside those around 1,000."""

from benchmarks.ground import Ground
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.slot_sweep import DAYS, busy, milliseconds, ours
from services.availability.domain.busy import NO_BUFFERS

FEW, MANY, MINUTES = 1_000, 10_000, 2


async def measured(_: Ground, samples: int) -> Finding:
    """Measure both numbers in turn."""
    few, many = busy(FEW, MINUTES), busy(MANY, MINUTES)  # apart from each other, all of them

    async def around_few() -> float:
        return milliseconds(lambda: ours(few, NO_BUFFERS))

    async def around_many() -> float:
        return milliseconds(lambda: ours(many, NO_BUFFERS))

    found, anchors = await in_turn(around_many, around_few, samples)
    return Finding(
        name="busy_times",
        claim=f"free starts of {DAYS} days around {MANY:,} busy times, none of which meet",
        anchor=f"the same around {FEW:,}",
        unit="ms",
        bar=Bar("at most", 3),
        ours=found,
        anchors=anchors,
    )
