"""A booking: what each command comes to in each state, as one table."""

from collections.abc import Mapping

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    ReleaseHold,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    NotFound,
    SlotNotOffered,
    StateConflict,
)
from tests.builders import (
    ANNA,
    TUESDAY,
    WEDNESDAY,
    after,
    cancel,
    cancelled,
    complete,
    confirm,
    confirmed,
    move,
    move_reserved,
    reserve,
    reserved,
)
from tests.decision_table import DecisionTable, Row

COMMANDS: Mapping[str, booking.Command] = {
    "reserve": reserve(),
    "reserve another time": reserve(slot=WEDNESDAY),
    "confirm": confirm(),
    "release": ReleaseHold(reason="released", at=after(minutes=1)),
    "release at the deadline": ReleaseHold(reason="timeout", at=after(hours=3)),
    "release, policy denied": ReleaseHold(reason="policy_disabled", at=after(minutes=1)),
    "release, rejected": ReleaseHold(reason="rejected", at=after(minutes=1), slot=TUESDAY),
    "move": move(),
    "complete": complete(),
    "cancel": cancel(),
}
RELEASED = SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="timeout", purpose="new")
STATES: Mapping[str, tuple[booking.Event, ...]] = {
    "vacant": (),
    "held": (reserved(),),
    "confirmed": (reserved(), confirmed()),
    "moving": (reserved(), confirmed(), move_reserved()),
    "cancelled": (reserved(), confirmed(), cancelled()),
    "released": (reserved(), RELEASED),
    "rejected": (
        reserved(),
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="rejected", purpose="new"),
    ),
    "denied": (
        reserved(),
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="policy_disabled", purpose="new"),
    ),
}
OVER: Row = {
    "reserve": StateConflict,
    "reserve another time": StateConflict,
    "confirm": HoldOver,
    "release": [],
    "release at the deadline": [],
    "release, policy denied": [],
    "release, rejected": [],
    "move": StateConflict,
    "complete": [],
    "cancel": StateConflict,
}
TABLE: Mapping[str, Row] = {
    "vacant": dict.fromkeys(COMMANDS, NotFound)
    | {"reserve": [SlotReserved], "reserve another time": [SlotReserved]},
    "held": {
        "reserve": [],
        "reserve another time": StateConflict,
        "confirm": [BookingConfirmed],
        "release": [SlotReleased],
        "release at the deadline": [SlotReleased],
        "release, policy denied": [SlotReleased],
        "release, rejected": [SlotReleased],
        "move": StateConflict,
        "complete": [],
        "cancel": StateConflict,
    },
    "confirmed": {
        "reserve": StateConflict,
        "reserve another time": StateConflict,
        "confirm": [],
        "release": StateConflict,
        "release at the deadline": [],
        "release, policy denied": [],
        "release, rejected": [],
        "move": [SlotReserved],
        "complete": [],
        "cancel": [BookingCancelled],
    },
    "moving": {
        "reserve": StateConflict,
        "reserve another time": StateConflict,
        "confirm": [],
        "release": [SlotReleased],
        "release at the deadline": [SlotReleased],
        "release, policy denied": [SlotReleased],
        "release, rejected": [],
        "move": [],
        "complete": [BookingRescheduled],
        "cancel": [SlotReleased, BookingCancelled],
    },
    "cancelled": {**OVER, "confirm": StateConflict, "cancel": []},
    "released": OVER,
    "rejected": {**OVER, "confirm": SlotNotOffered},
    "denied": {**OVER, "confirm": NotAvailable},
}

DECISIONS = DecisionTable(booking, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_booking_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_booking_is_left_out() -> None:
    DECISIONS.check_complete()
