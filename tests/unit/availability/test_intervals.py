"""Instants as integers, and merging."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability.domain.intervals import instant, merge, micros

small = st.integers(0, 40)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_exactly(moment: datetime) -> None:
    assert moment == instant(micros(moment))


def test_an_instant_is_the_same_by_any_clock() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    in_nepal = noon.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert micros(noon) == micros(in_nepal)


@pytest.mark.parametrize(
    ("intervals", "merged"),
    [
        ([], []),
        ([(3, 5), (1, 2)], [(1, 2), (3, 5)]),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(1, 4), (3, 5)], [(1, 5)]),
        ([(1, 9), (3, 5), (8, 10)], [(1, 10)]),
        ([(1, 1), (5, 3)], []),
        ([(1, 2), (1, 2)], [(1, 2)]),
    ],
    ids=["none", "apart", "meeting", "overlapping", "inside", "empty", "twice"],
)
def test_merged_intervals_are_sorted_and_apart(
    intervals: list[tuple[int, int]], merged: list[tuple[int, int]]
) -> None:
    assert merged == merge(intervals)


@given(st.lists(st.tuples(small, small)))
def test_merging_keeps_each_instant_and_adds_none(intervals: list[tuple[int, int]]) -> None:
    merged = merge(intervals)

    assert {at for start, end in intervals for at in range(start, end)} == {
        at for start, end in merged for at in range(start, end)
    }
    assert all(before[1] < after[0] for before, after in pairwise(merged))
