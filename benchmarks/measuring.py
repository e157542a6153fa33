"""What a benchmark says: samples of both sides taken in turn, their ratios, and the verdict."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

SAMPLES = 5

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one quantity."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest sample."""
        return min(self.samples), max(self.samples)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the median ratio has to be."""

    kind: Literal["at least", "at most"]
    ratio: float

    def holds(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.kind == "at least" else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{self.kind} {self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim beside its anchor: the samples of both, pair by pair, and the bar for the ratio."""

    name: str
    claim: str
    anchor: str
    unit: str
    bar: Bar
    ours: Series
    anchors: Series
    notes: tuple[str, ...] = ()

    @property
    def ratios(self) -> Series:
        """Each sample of ours over the anchor's beside it, so that a busy moment hits both."""
        pairs = zip(self.ours.samples, self.anchors.samples, strict=True)
        return Series(tuple(ours / anchor for ours, anchor in pairs))

    @property
    def passed(self) -> bool:
        return self.bar.holds(self.ratios.median)


async def in_turn(ours: Measure, anchor: Measure, samples: int = SAMPLES) -> tuple[Series, Series]:
    """Measure both sides in turn; one round ahead warms both up and does not count."""
    await anchor()
    await ours()
    anchors, found = [], []
    for _ in range(samples):
        anchors.append(await anchor())
        found.append(await ours())
    return Series(tuple(found)), Series(tuple(anchors))


def all_passed(findings: Sequence[Finding]) -> bool:
    """Whether every bar holds; of no finding at all nothing is said to hold."""
    return bool(findings) and all(finding.passed for finding in findings)
