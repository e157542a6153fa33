"""How often and how long a private link may be used: each limit at, below and above it."""

from datetime import timedelta

import pytest

from services.booking.domain.private_link.limits import (
    beginning_faults,
    deadline_faults,
    duration_faults,
    use_faults,
)
from services.booking.domain.refusals import Fault
from tests.builders import NOW, after, limits

INSTANT = timedelta(microseconds=1)
OUT_OF_RANGE = Fault("/max_uses", "Must be from 1 to 10000, or null for any number.")
TOO_FEW = Fault("/max_uses", "Must leave room for the uses so far; revoke the link to end it.")


@pytest.mark.parametrize("max_uses", [1, 10_000, None])
def test_a_link_has_1_to_10000_uses_or_any_number(max_uses: int | None) -> None:
    assert [] == list(use_faults(limits(max_uses=max_uses)))


@pytest.mark.parametrize("max_uses", [-1, 0, 10_001])
def test_any_other_number_of_uses_is_refused(max_uses: int) -> None:
    assert [OUT_OF_RANGE] == list(use_faults(limits(max_uses=max_uses)))


@pytest.mark.parametrize(
    ("consumed", "least"),
    [(0, 1), (1, 2), (2, 3)],
)
def test_the_uses_cover_those_consumed_and_leave_one(consumed: int, least: int) -> None:
    assert [] == list(use_faults(limits(max_uses=least), consumed))
    if least > 1:
        assert [TOO_FEW] == list(use_faults(limits(max_uses=least - 1), consumed))


def test_a_link_without_a_limit_leaves_room_for_any_use() -> None:
    assert [] == list(use_faults(limits(max_uses=None), 20_000))


@pytest.mark.parametrize("minutes", [None, 5, 1440])
def test_a_link_may_fix_the_length_of_its_meetings(minutes: int | None) -> None:
    assert [] == list(duration_faults(minutes))


@pytest.mark.parametrize("minutes", [0, 4, 1441])
def test_a_length_out_of_range_is_refused(minutes: int) -> None:
    assert ["/duration_minutes"] == [fault.pointer for fault in duration_faults(minutes)]


def test_a_link_may_be_used_from_a_moment_before_its_deadline() -> None:
    fault = Fault("/not_before", "Must be before the link expires.")
    deadline = after(days=90)

    assert [] == list(beginning_faults(limits(not_before=None)))
    assert [] == list(beginning_faults(limits(not_before=deadline - INSTANT)))
    assert [fault] == list(beginning_faults(limits(not_before=deadline)))


def test_a_deadline_is_at_least_the_minimum_away() -> None:
    fault = Fault("/expires_at", "Must be at least 60 seconds from now.")

    assert [] == list(deadline_faults(limits(expires_at=after(seconds=60)), NOW, 60))
    assert [fault] == list(deadline_faults(limits(expires_at=after(seconds=60) - INSTANT), NOW, 60))


def test_a_deadline_is_at_most_366_days_away() -> None:
    fault = Fault("/expires_at", "Must be at most 366 days from now.")

    assert [] == list(deadline_faults(limits(expires_at=after(days=366)), NOW, 60))
    assert [fault] == list(deadline_faults(limits(expires_at=after(days=366) + INSTANT), NOW, 60))
