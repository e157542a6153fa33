"""What the number of an event means, given the events of its key that were applied."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.messaging.marks import LARGEST_GAP, WINDOW, Mark, Numbered, Verdict

AT = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)


def event(sequence: int, id_: str = "", seconds: float = 0) -> Numbered:
    return Numbered(
        sequence, id_ or f"id-{sequence}", AT + timedelta(seconds=min(sequence, 10_000) + seconds)
    )


def applied(*sequences: int) -> Mark:
    """Return the mark after these events, as it is read from the inbox again each time."""
    mark = Mark(0)
    for sequence in sequences:
        mark.raise_to(event(sequence))
        mark = Mark(mark.sequence, mark.recent)
    return mark


def test_the_next_number_a_gap_and_a_jump_are_told_apart() -> None:
    mark = applied(1, 2)

    assert mark.judge(event(3)) is Verdict.NEXT
    assert mark.judge(event(4)) is Verdict.GAP
    assert mark.judge(event(3 + LARGEST_GAP)) is Verdict.GAP
    assert mark.judge(event(4 + LARGEST_GAP)) is Verdict.JUMP
    assert Mark(0).judge(event(999_999_999_999)) is Verdict.JUMP


@pytest.mark.parametrize("back", [0, 1, WINDOW - 1])
def test_a_known_number_is_a_duplicate_with_its_id_and_a_conflict_with_another(back: int) -> None:
    last = WINDOW + 20
    mark = applied(*range(1, last + 1))

    assert mark.judge(event(last - back)) is Verdict.DUPLICATE
    assert mark.judge(event(last - back, "another")) is Verdict.CONFLICT


def test_an_older_number_is_a_conflict_when_its_event_is_newer_than_all_that_was_applied() -> None:
    mark = applied(*range(1, 3 * WINDOW))

    assert mark.judge(event(1)) is Verdict.DUPLICATE
    assert mark.judge(event(1, "another", seconds=10_000)) is Verdict.CONFLICT


def test_an_event_that_was_missing_and_comes_late_is_no_duplicate() -> None:
    mark = applied(1, 2, 5)

    assert [mark.judge(event(n)) for n in (1, 2, 5)] == [Verdict.DUPLICATE] * 3
    assert [mark.judge(event(n)) for n in (3, 4)] == [Verdict.CONFLICT] * 2


def test_what_a_version_without_ids_has_applied_is_taken_for_a_duplicate() -> None:
    assert Mark(7).judge(event(7, "any")) is Verdict.DUPLICATE
    mark = applied(1, 2, 3)
    raised_without_ids = Mark(5, mark.recent)

    assert raised_without_ids.judge(event(3, "another")) is Verdict.DUPLICATE
    raised_without_ids.raise_to(event(6))
    assert raised_without_ids.judge(event(6, "another")) is Verdict.CONFLICT
    assert raised_without_ids.judge(event(5, "any")) is Verdict.DUPLICATE


def test_what_is_kept_of_a_key_is_bounded() -> None:
    assert len(applied(*range(1, 500)).recent) == 16 + 8 * WINDOW
    assert len(applied(1, 900).recent) == 16 + 8 * WINDOW
