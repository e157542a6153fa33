"""Each benchmark runs against the product as it is: with little to do, for one sample each."""

import asyncio
from collections.abc import Iterator
from types import ModuleType

import pytest

from benchmarks import (
    batch_consumer,
    bookings,
    bookings_with_rules,
    busy_times,
    commit_to_effect,
    feed_reading,
    holds,
    holds_with_rules,
    letters,
    livez,
    long_stream,
    many_events,
    pick_page,
    policy_switch,
    policy_verdicts,
    product,
    relay_drain,
    reserve_append,
    slot_sweep,
    slots,
)
from benchmarks.__main__ import MECHANISMS, OVER_HTTP
from benchmarks.ground import Ground, laid
from benchmarks.measuring import Finding
from benchmarks.product import Product

LITTLE: dict[ModuleType, dict[str, float]] = {
    reserve_append: {"SECONDS": 1},
    many_events: {"SECONDS": 0.5, "MANY": 20_000},
    long_stream: {"LOADS": 2},
    relay_drain: {"ROWS": 2_000},
    batch_consumer: {"RECORDS": 2_000},
    commit_to_effect: {"EVENTS": 3},
    policy_verdicts: {"USERS": 300},
    policy_switch: {"USERS": 600},
    slot_sweep: {"BUSY": 100, "ROUNDS": 1},
    busy_times: {"MANY": 2_000},
    feed_reading: {"ENTRIES": 200},
}
LITTLE_OVER_HTTP: dict[ModuleType, dict[str, float]] = {
    livez: {"SECONDS": 0.2},
    slots: {"SECONDS": 0.2},
    pick_page: {"SECONDS": 0.2},
    holds: {},
    holds_with_rules: {},
    bookings: {},
    bookings_with_rules: {},
    letters: {"ROUNDS": 1},
}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """PostgreSQL and Kafka of their own: a benchmark makes topics by the product's names."""
    with laid() as found:
        yield found


@pytest.fixture(scope="module")
def everything() -> Iterator[Product]:
    """Everything that the benchmarks over HTTP need, with a few organizers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product, "ORGANIZERS", 3)
        with product.running() as found:
            yield found


def test_each_benchmark_is_run_here() -> None:
    assert set(MECHANISMS) == set(LITTLE)
    assert set(OVER_HTTP) == set(LITTLE_OVER_HTTP)


@pytest.mark.parametrize("benchmark", LITTLE, ids=lambda module: module.__name__)
def test_the_benchmark_measures_both_sides(
    benchmark: ModuleType, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, little in LITTLE[benchmark].items():
        monkeypatch.setattr(benchmark, name, little)

    finding = asyncio.run(benchmark.measured(ground, samples=1))

    assert_both_sides_were_measured(finding)


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each pair of benchmarks measures with and without rules takes little time."""
    for module in (holds, bookings):
        monkeypatch.setattr(module, "SECONDS", 0.2)


@pytest.mark.usefixtures("briefly")
@pytest.mark.parametrize("benchmark", LITTLE_OVER_HTTP, ids=lambda module: module.__name__)
def test_the_benchmark_over_http_measures_both_sides(
    benchmark: ModuleType, everything: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, little in LITTLE_OVER_HTTP[benchmark].items():
        monkeypatch.setattr(benchmark, name, little)

    finding = asyncio.run(benchmark.measured(everything, samples=1))

    assert_both_sides_were_measured(finding)


def assert_both_sides_were_measured(finding: Finding) -> None:
    """Fail unless there is one sample of each side."""
    assert (1, 1) == (len(finding.ours.samples), len(finding.anchors.samples))
    assert min(*finding.ours.samples, *finding.anchors.samples) > 0
