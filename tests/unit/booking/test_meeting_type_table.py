"""A meeting type: what each command comes to in each state, as one table."""

from collections.abc import Mapping

import pytest

from services.booking.domain import meeting_type
from services.booking.domain.meeting_type import (
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
)
from services.booking.domain.refusals import (
    NotFound,
    StateConflict,
)
from tests.builders import (
    ANNA,
    settings,
)
from tests.decision_table import DecisionTable, Row

CREATED = meeting_type.MeetingTypeCreated(
    organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=settings(), revision=1
)
COMMANDS: Mapping[str, meeting_type.Command] = {
    "create": meeting_type.CreateMeetingType(
        organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=settings()
    ),
    "change": meeting_type.ChangeMeetingType(
        organizer_time_zone="Europe/Copenhagen", settings=settings(title="Tea")
    ),
    "delete": meeting_type.DeleteMeetingType(),
}
STATES: Mapping[str, tuple[meeting_type.Event, ...]] = {
    "absent": (),
    "offered": (CREATED,),
    "deleted": (CREATED, meeting_type.MeetingTypeDeleted()),
}
TABLE: Mapping[str, Row] = {
    "absent": {"create": [MeetingTypeCreated], "change": NotFound, "delete": NotFound},
    "offered": {
        "create": StateConflict,
        "change": [MeetingTypeChanged],
        "delete": [MeetingTypeDeleted],
    },
    "deleted": {"create": StateConflict, "change": NotFound, "delete": []},
}

DECISIONS = DecisionTable(meeting_type, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_meeting_type_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_meeting_type_is_left_out() -> None:
    DECISIONS.check_complete()
