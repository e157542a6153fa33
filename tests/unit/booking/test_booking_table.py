"""A booking: what each command comes to in each state, as one table."""

from collections.abc import Mapping

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    ExtendHold,
    HoldExtended,
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
    "extend": ExtendHold(expires_at=after(minutes=9), at=after(minutes=4)),
    "move": move(),
    "complete": complete(),
    "cancel": cancel(),
}
EXTENDED = HoldExtended(slot=TUESDAY, expires_at=after(minutes=9))
RELEASED = SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="timeout", purpose="new")
STATES: Mapping[str, tuple[booking.Event, ...]] = {
    "vacant": (),
    "held": (reserved(),),
    "extended": (reserved(), EXTENDED),
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
    "extend": HoldOver,
    "move": StateConflict,
    "complete": [],
    "cancel": StateConflict,
}
HELD: Row = {
    "reserve": [],
    "reserve another time": StateConflict,
    "confirm": [BookingConfirmed],
    "release": [SlotReleased],
    "release at the deadline": [SlotReleased],
    "release, policy denied": [SlotReleased],
    "release, rejected": [SlotReleased],
    "extend": [HoldExtended],
    "move": StateConflict,
    "complete": [],
    "cancel": StateConflict,
}
TABLE: Mapping[str, Row] = {
    "vacant": dict.fromkeys(COMMANDS, NotFound)
    | {"reserve": [SlotReserved], "reserve another time": [SlotReserved]},
    "held": HELD,
    "extended": {**HELD, "extend": StateConflict},
    "confirmed": {
        "reserve": StateConflict,
        "reserve another time": StateConflict,
        "confirm": [],
        "release": StateConflict,
        "release at the deadline": [],
        "release, policy denied": [],
        "release, rejected": [],
        "extend": StateConflict,
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
        "extend": StateConflict,
        "move": [],
        "complete": [BookingRescheduled],
        "cancel": [SlotReleased, BookingCancelled],
    },
    "cancelled": {**OVER, "confirm": StateConflict, "extend": StateConflict, "cancel": []},
    "released": OVER,
    "rejected": {**OVER, "confirm": SlotNotOffered, "extend": SlotNotOffered},
    "denied": {**OVER, "confirm": NotAvailable, "extend": NotAvailable},
}

DECISIONS = DecisionTable(booking, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_booking_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_booking_is_left_out() -> None:
    DECISIONS.check_complete()
