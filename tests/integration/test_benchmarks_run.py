"""Each benchmark runs against the product as it is: with little to do, for one sample each."""

import asyncio
from collections.abc import Iterator
from functools import partial
from types import ModuleType

import pytest

from benchmarks import batch_consumer, commit_to_effect, relay_drain, reserve_append
from benchmarks.ground import Ground, laid
from benchmarks.measuring import in_turn

LITTLE: dict[ModuleType, tuple[str, int]] = {
    reserve_append: ("SECONDS", 1),
    relay_drain: ("ROWS", 2_000),
    batch_consumer: ("RECORDS", 2_000),
    commit_to_effect: ("EVENTS", 3),
}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """PostgreSQL and Kafka of their own: a benchmark makes topics by the product's names."""
    with laid() as found:
        yield found


@pytest.mark.parametrize("benchmark", LITTLE, ids=lambda module: module.__name__)
def test_the_benchmark_measures_both_sides(
    benchmark: ModuleType, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, *LITTLE[benchmark])
    monkeypatch.setattr(benchmark, "in_turn", partial(in_turn, samples=1))

    finding = asyncio.run(benchmark.measured(ground))

    assert (1, 1) == (len(finding.ours.samples), len(finding.anchors.samples))
    assert min(*finding.ours.samples, *finding.anchors.samples) > 0
