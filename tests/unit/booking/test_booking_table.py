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
    SlotTaken,
    StateConflict,
)
from tests.builders import (
    ANNA,
    TUESDAY,
    WEDNESDAY,
    after,
    approve,
    asked_to_move,
    cancel,
    cancelled,
    change_details,
    complete,
    confirm,
    confirmed,
    declined,
    meeting,
    move,
    move_awaits_approval,
    move_reserved,
    requested,
    reserve,
    reserved,
    reserved_again,
    unverified,
    verify,
)
from tests.decision_table import DecisionTable, Row

COMMANDS: Mapping[str, booking.Command] = {
    "reserve": reserve(),
    "reserve another time": reserve(slot=WEDNESDAY),
    "confirm": confirm(),
    "confirm, to be approved": confirm(answer_by=after(hours=24)),
    "confirm, to be proven": confirm(prove_by=after(hours=1)),
    "verify": verify(),
    "lapse, taken": booking.LapseBooking(reason="taken", at=after(minutes=4)),
    "approve": approve(),
    "decline": booking.DeclineBooking(at=after(hours=1)),
    "release": ReleaseHold(reason="released", at=after(minutes=1)),
    "release at the deadline": ReleaseHold(reason="timeout", at=after(hours=25)),
    "release, policy denied": ReleaseHold(reason="policy_disabled", at=after(minutes=1)),
    "release, rejected": ReleaseHold(reason="rejected", at=after(minutes=1), slot=TUESDAY),
    "extend": booking.ExtendHold(expires_at=after(minutes=9), at=after(minutes=4)),
    "move": move(),
    "complete": complete(),
    "complete, to be approved": complete(answer_by=after(hours=25)),
    "ask to move": booking.AskToReschedule(by="organizer", at=after(hours=1)),
    "change details": change_details(),
    "cancel": cancel(),
}
RELEASED = SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="timeout", purpose="new")
BOOKED = (reserved(), confirmed())
STATES: Mapping[str, tuple[booking.Event, ...]] = {
    "vacant": (),
    "held": (reserved(),),
    "extended": (reserved(), booking.HoldExtended(slot=TUESDAY, expires_at=after(minutes=9))),
    "unverified": (reserved(), unverified()),
    "verified": (reserved(), unverified(), reserved_again()),
    "requested": (reserved(), requested()),
    "request moving": (reserved(), requested(), move_reserved()),
    "confirmed": BOOKED,
    "moving": (*BOOKED, move_reserved()),
    "move to be approved": (*BOOKED, move_reserved(), move_awaits_approval()),
    "asked to move": (*BOOKED, asked_to_move()),
    "asked, moving": (*BOOKED, asked_to_move(), move_reserved()),
    "cancelled": (*BOOKED, cancelled()),
    "declined": (reserved(), requested(), declined()),
    "withdrawn": (reserved(), requested(), declined(reason="withdrawn", by="attendee")),
    "not answered": (reserved(), requested(), declined(reason="timeout", by=None)),
    "released": (reserved(), RELEASED),
    "rejected": (
        reserved(),
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="rejected", purpose="new"),
    ),
    "denied": (
        reserved(),
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="policy_disabled", purpose="new"),
    ),
    "lost to another": (
        reserved(),
        unverified(),
        booking.BookingLapsed(meeting=meeting(), slot=TUESDAY, reason="taken"),
    ),
}
NOTHING: Row = dict.fromkeys(COMMANDS, StateConflict) | {
    "lapse, taken": [],
    "complete": [],
    "complete, to be approved": [],
    "release at the deadline": [],
    "release, policy denied": [],
    "release, rejected": [],
}
CONFIRMED_AGAIN: Row = {
    "confirm": [],
    "confirm, to be approved": [],
    "confirm, to be proven": [],
    "verify": [],
}
OVER: Row = {
    **NOTHING,
    "confirm": HoldOver,
    "confirm, to be approved": HoldOver,
    "confirm, to be proven": HoldOver,
    "verify": HoldOver,
    "extend": HoldOver,
    "release": [],
}
HELD_ROW: Row = {
    **NOTHING,
    "reserve": [],
    "confirm": [BookingConfirmed],
    "confirm, to be approved": [booking.BookingRequested],
    "confirm, to be proven": [booking.VerificationRequested],
    "release": [SlotReleased],
    "release at the deadline": [SlotReleased],
    "release, policy denied": [SlotReleased],
    "release, rejected": [SlotReleased],
}
BOOKED_ROW: Row = {
    **NOTHING,
    **CONFIRMED_AGAIN,
    "approve": [],
    "move": [SlotReserved],
    "ask to move": [booking.RescheduleRequested],
    "change details": [booking.BookingDetailsChanged],
    "cancel": [BookingCancelled],
}
MOVING_ROW: Row = {
    **BOOKED_ROW,
    "release": [SlotReleased],
    "release at the deadline": [SlotReleased],
    "release, policy denied": [SlotReleased],
    "move": [],
    "complete": [BookingRescheduled],
    "complete, to be approved": [booking.RescheduleApprovalRequested],
    "cancel": [SlotReleased, BookingCancelled],
}
REQUESTED_ROW: Row = {
    **NOTHING,
    **CONFIRMED_AGAIN,
    "approve": [BookingConfirmed],
    "decline": [booking.BookingDeclined],
    "release at the deadline": [booking.BookingDeclined],
    "release, policy denied": [booking.BookingDeclined],
    "move": [SlotReserved],
    "change details": [booking.BookingDetailsChanged],
    "cancel": [booking.BookingDeclined],
}
ENDED: Row = {**NOTHING, "release": []}


def refused(row: Row, kind: type[Exception]) -> Row:
    """Return the row of a released booking whose confirmation is refused for that reason."""
    return {**row, **dict.fromkeys([*CONFIRMED_AGAIN, "extend"], kind)}


TABLE: Mapping[str, Row] = {
    "vacant": dict.fromkeys(COMMANDS, NotFound)
    | {"reserve": [SlotReserved], "reserve another time": [SlotReserved]},
    "held": {**HELD_ROW, "extend": [booking.HoldExtended]},
    "extended": HELD_ROW,
    "unverified": {
        **NOTHING,
        **CONFIRMED_AGAIN,
        "verify": [booking.AddressVerified, SlotReserved],
        "lapse, taken": [booking.BookingLapsed],
        "release": [booking.BookingLapsed],
        "release at the deadline": [booking.BookingLapsed],
        "release, policy denied": [booking.BookingLapsed],
        "cancel": [booking.BookingLapsed],
    },
    "verified": {
        **NOTHING,
        "reserve": [],
        "confirm": [BookingConfirmed],
        "confirm, to be approved": [booking.BookingRequested],
        "confirm, to be proven": [BookingConfirmed],
        "verify": [],
        "extend": [booking.HoldExtended],
        "release": [SlotReleased],
        "release at the deadline": [SlotReleased],
        "release, policy denied": [SlotReleased],
        "release, rejected": [SlotReleased],
    },
    "requested": REQUESTED_ROW,
    "request moving": {
        **REQUESTED_ROW,
        "approve": [SlotReleased, BookingConfirmed],
        "decline": [SlotReleased, booking.BookingDeclined],
        "release": [SlotReleased],
        "release at the deadline": [SlotReleased, booking.BookingDeclined],
        "release, policy denied": [SlotReleased, booking.BookingDeclined],
        "move": [],
        "complete": [booking.RequestRescheduled],
        "complete, to be approved": [booking.RequestRescheduled],
        "cancel": [SlotReleased, booking.BookingDeclined],
    },
    "confirmed": BOOKED_ROW,
    "moving": MOVING_ROW,
    "move to be approved": {
        **MOVING_ROW,
        "approve": [BookingRescheduled],
        "decline": [booking.RescheduleDeclined],
        "release at the deadline": [booking.RescheduleDeclined],
        "release, policy denied": [booking.RescheduleDeclined],
        "complete": [],
        "complete, to be approved": [],
    },
    "asked to move": {**BOOKED_ROW, "ask to move": []},
    "asked, moving": {
        **MOVING_ROW,
        "ask to move": [],
        "complete, to be approved": [BookingRescheduled],
    },
    "cancelled": {**ENDED, "cancel": []},
    "declined": {**ENDED, "decline": [], "cancel": []},
    "withdrawn": {**ENDED, "cancel": []},
    "not answered": ENDED,
    "released": OVER,
    "rejected": refused(OVER, SlotNotOffered),
    "denied": refused(OVER, NotAvailable),
    "lost to another": refused(OVER, SlotTaken),
}

DECISIONS = DecisionTable(booking, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_booking_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_booking_is_left_out() -> None:
    DECISIONS.check_complete()
