"""A meeting type: what must hold in every history of random commands."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import meeting_type
from tests.builders import (
    ANNA,
)
from tests.builders import settings as type_settings
from tests.histories import TimedCommands, any_events, few, is_reached, many, run_commands, steps

MEETING_TYPE = meeting_type.DECIDER

type_steps = steps(
    st.just(
        lambda _: meeting_type.CreateMeetingType(
            organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=type_settings()
        )
    ),
    st.sampled_from([5, 30, 45, 0]).map(
        lambda minutes: (
            lambda _: meeting_type.ChangeMeetingType(
                organizer_time_zone="Europe/Copenhagen",
                settings=type_settings(duration_minutes=minutes),
            )
        )
    ),
    st.just(lambda _: meeting_type.DeleteMeetingType()),
)


@many
@given(type_steps)
def test_in_every_history_revisions_count_from_one_and_nothing_follows_a_deletion(
    commands: TimedCommands,
) -> None:
    events = [event for _, event in run_commands(MEETING_TYPE, commands)]
    whole = [e for e in events if not isinstance(e, meeting_type.MeetingTypeDeleted)]

    assert [each.revision for each in whole] == list(range(1, len(whole) + 1))
    assert len(events) - len(whole) <= 1
    assert whole == events[: len(whole)]


@pytest.mark.parametrize("kind", get_args(meeting_type.Event))
def test_each_kind_of_event_is_in_some_random_history(kind: type) -> None:
    assert is_reached(MEETING_TYPE, type_steps, kind)


@few
@given(any_events(meeting_type.Event))
def test_any_events_in_any_order_fold_to_a_state(
    history: list[meeting_type.Event],
) -> None:
    assert isinstance(MEETING_TYPE.fold(history), meeting_type.State)
