"""The arithmetic of the benchmarks: medians, spreads, ratios pair by pair, verdicts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from benchmarks.measuring import Bar, Finding, Series, all_passed, in_turn
from benchmarks.report import table

FINDING = Finding(
    name="example",
    claim="ours",
    anchor="theirs",
    unit="events/s",
    bar=Bar("at least", 0.5),
    ours=Series((40.0, 90.0, 60.0, 10.0, 50.0)),
    anchors=Series((80.0, 100.0, 100.0, 100.0, 100.0)),
)


def test_a_series_has_the_middle_sample_as_its_median_and_its_ends_as_its_spread() -> None:
    assert FINDING.ours.median == 50.0
    assert FINDING.ours.spread == (10.0, 90.0)


def test_a_ratio_is_a_sample_over_the_one_beside_it() -> None:
    assert FINDING.ratios.samples == (0.5, 0.9, 0.6, 0.1, 0.5)


def test_the_verdict_is_by_the_median_of_the_ratios_not_by_the_ratio_of_the_medians() -> None:
    # Beside each other ours loses three times of five; the medians alone would say it wins.
    swapped = replace(
        FINDING, ours=Series((4.0, 4.0, 4.0, 9.0, 9.0)), anchors=Series((9.0, 9.0, 9.0, 1.0, 1.0))
    )

    assert swapped.ratios.median == pytest.approx(4 / 9)
    assert not swapped.passed


@pytest.mark.parametrize(
    ("bar", "ratio", "holds"),
    [
        (Bar("at least", 0.5), 0.5, True),
        (Bar("at least", 0.5), 0.49, False),
        (Bar("at most", 4), 4.0, True),
        (Bar("at most", 4), 4.01, False),
    ],
)
def test_a_bar_holds_up_to_and_with_its_own_value(bar: Bar, ratio: float, holds: bool) -> None:
    assert bar.holds(ratio) is holds


def test_one_bar_that_is_missed_fails_the_run_and_so_does_a_run_of_nothing() -> None:
    missed = replace(FINDING, bar=Bar("at least", 0.51))

    assert all_passed([FINDING, FINDING])
    assert not all_passed([FINDING, missed])
    assert not all_passed([])


async def test_both_sides_are_measured_in_turn_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []

    def side(name: str) -> Callable[[], Awaitable[float]]:
        async def measure() -> float:
            calls.append(name)
            return float(len(calls))

        return measure

    ours, anchors = await in_turn(side("ours"), side("anchor"), samples=2)

    assert calls == ["anchor", "ours", "anchor", "ours", "anchor", "ours"]
    assert (anchors.samples, ours.samples) == ((3.0, 5.0), (4.0, 6.0))


def test_the_table_says_which_bar_is_missed() -> None:
    page = table([FINDING, replace(FINDING, name="slow", bar=Bar("at least", 2))])

    assert "| example | 50.00 (10.00 to 90.00) events/s |" in page
    assert "0.50 (0.10 to 0.90) | at least 0.5 | held |" in page
    assert "at least 2 | **missed** |" in page
