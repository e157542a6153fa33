"""What follows from an attempt: how long to wait, when to give up."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.attempts import (
    Delayed,
    Failed,
    Outcome,
    Overtaken,
    Sent,
    final_outcome,
    pause_after,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_pauses_double_up_to_half_a_minute() -> None:
    pauses = [pause_after(attempts).total_seconds() for attempts in range(1, 8)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_pauses_are_at_most_half_a_minute_in_the_first_hour_and_then_five_minutes() -> None:
    first_hour = sum((pause_after(attempts) for attempts in range(1, 121)), timedelta())

    assert timedelta(minutes=57) < first_hour < timedelta(minutes=62)
    assert pause_after(121) == pause_after(10_000) == timedelta(minutes=5)


@pytest.mark.parametrize("outcome", [Sent(), Overtaken(), Failed("refused", 550)])
def test_a_final_outcome_stays_the_same_after_the_deadline(outcome: Outcome) -> None:
    assert final_outcome(outcome, NOW, NOW - timedelta(days=1)) == outcome


def test_a_delay_becomes_a_failure_at_the_deadline_exactly() -> None:
    delayed = Delayed("temporary", 451)

    assert final_outcome(delayed, NOW, NOW + timedelta(microseconds=1)) == delayed
    assert final_outcome(delayed, NOW, NOW) == Failed("too_old", 451)
