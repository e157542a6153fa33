"""The slots as they are sent: the same as the schema writes them, whatever was kept of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.availability import schemas, views
from services.availability.domain.intervals import MINUTE, instant, micros
from services.availability.offers import OfferedSlots

NOW = datetime(2026, 3, 2, 7, 0, 0, 123456, tzinfo=UTC)
NINE = micros(datetime(2026, 3, 3, 9, tzinfo=UTC))
LONG = views.LONGEST_KEPT + 1


def found(
    starts: list[int], minutes: int = 30, *, at: datetime = NOW, day: date | None = None
) -> OfferedSlots:
    return OfferedSlots(starts, minutes, day, at)


def by_schema(of: OfferedSlots) -> schemas.Slots:
    length = timedelta(minutes=of.minutes)
    return schemas.Slots(
        slots=[schemas.Slot(start=instant(at), end=instant(at) + length) for at in of.starts],
        next_free_day=of.next_free_day,
        computed_at=of.computed_at,
    )


@given(
    st.lists(st.integers(min_value=0, max_value=LONG), max_size=3).map(sorted),
    st.integers(min_value=5, max_value=1440),
    st.integers(min_value=1, max_value=7_200_000_000),
)
def test_the_answer_is_what_the_schema_says(steps: list[int], minutes: int, first: int) -> None:
    starts = [first * 1_000_000 + step * 5 * MINUTE for step in steps]  # also odd seconds
    of = found(starts, minutes, day=instant(first).date())

    document = views.slots(of)

    assert by_schema(of).model_dump_json().encode() == document.content


def test_a_long_list_is_written_like_a_short_one() -> None:
    of = found([NINE + step * 5 * MINUTE for step in range(LONG)], 5)

    assert by_schema(of).model_dump_json().encode() == views.slots(of).content


def test_the_same_offer_has_the_same_tag_at_another_time_of_asking() -> None:
    first = views.slots(found([NINE], day=date(2026, 3, 3)))
    later = views.slots(found([NINE], day=date(2026, 3, 3), at=NOW + timedelta(hours=1)))

    assert first.content != later.content
    assert first.tag == later.tag


@pytest.mark.parametrize(
    "other",
    [
        found([NINE], 45, day=date(2026, 3, 3)),
        found([NINE + MINUTE], day=date(2026, 3, 3)),
        found([NINE, NINE + 30 * MINUTE], day=date(2026, 3, 3)),
        found([], day=date(2026, 3, 3)),
        found([NINE], day=date(2026, 3, 4)),
    ],
    ids=["its length", "its start", "one more", "one less", "the visitor's day"],
)
def test_another_offer_has_another_tag(other: OfferedSlots) -> None:
    assert views.slots(found([NINE], day=date(2026, 3, 3))).tag != views.slots(other).tag
