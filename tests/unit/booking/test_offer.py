"""An offer: made once, taken back, and what becomes of each of its times."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.booking.domain import offer
from services.booking.domain.offer import (
    MakeOffer,
    OfferMade,
    OfferState,
    OfferWithdrawn,
    TimeState,
    WithdrawOffer,
    held_until,
    offer_state,
    time_state,
)
from services.booking.domain.refusals import EndReason, Fault, Invalid, NotFound, StateConflict
from services.booking.domain.slot import Slot
from tests.builders import (
    ANNA,
    COFFEE_LINK,
    COFFEE_TYPE,
    NOTICE,
    NOW,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    after,
    slot,
)
from tests.decision_table import DecisionTable, Row
from tests.specification import specification

given = specification(offer.DECIDER)

MADE = OfferMade(
    organizer_id=ANNA,
    meeting_type_id=COFFEE_TYPE,
    link_id=COFFEE_LINK,
    slots=(TUESDAY, WEDNESDAY, THURSDAY),
    held=True,
    expires_at=after(days=3),
)
WITHDRAWN = OfferWithdrawn(meeting_type_id=COFFEE_TYPE, link_id=COFFEE_LINK)


def make(**changes: Any) -> MakeOffer:
    """Return Anna's wish to offer Tuesday, Wednesday and Thursday."""
    return replace(
        MakeOffer(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            link_id=COFFEE_LINK,
            slots=(TUESDAY, WEDNESDAY, THURSDAY),
            held=True,
            expires_at=after(days=3),
            notice=NOTICE,
            at=NOW,
        ),
        **changes,
    )


COMMANDS: Mapping[str, offer.Command] = {"make": make(), "withdraw": WithdrawOffer()}
STATES: Mapping[str, tuple[offer.Event, ...]] = {
    "absent": (),
    "made": (MADE,),
    "withdrawn": (MADE, WITHDRAWN),
}
TABLE: Mapping[str, Row] = {
    "absent": {"make": [OfferMade], "withdraw": NotFound},
    "made": {"make": StateConflict, "withdraw": [OfferWithdrawn]},
    "withdrawn": {"make": StateConflict, "withdraw": []},
}
DECISIONS = DecisionTable(offer, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_offer_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_an_offer_is_left_out() -> None:
    DECISIONS.check_complete()


def test_an_offer_has_the_times_that_were_asked_for() -> None:
    given().when(make()).then(MADE)


@pytest.mark.parametrize("number", [1, 20])
def test_an_offer_has_1_to_20_times(number: int) -> None:
    slots = tuple(slot(days=days) for days in range(1, number + 1))

    given().when(make(slots=slots)).then(replace(MADE, slots=slots))


@pytest.mark.parametrize("number", [0, 21])
def test_any_other_number_of_times_is_refused(number: int) -> None:
    slots = tuple(slot(days=days) for days in range(1, number + 1))

    refusal = given().when(make(slots=slots)).refused(Invalid)

    assert (Fault("/starts", "Must be 1 to 20 times."),) == refusal.faults


def test_a_time_that_has_passed_and_one_named_twice_are_refused() -> None:
    now = Slot(NOW, after(minutes=45))

    refusal = given().when(make(slots=(TUESDAY, now, TUESDAY))).refused(Invalid)

    assert (
        Fault("/starts/1", "Must be in the future."),
        Fault("/starts/2", "Must be named once."),
    ) == refusal.faults


def test_a_time_that_its_attendee_could_not_book_is_not_offered() -> None:
    soon = Slot(after(minutes=119), after(minutes=164))
    far = Slot(after(days=60), after(days=61))

    refusal = given().when(make(slots=(soon, TUESDAY, far))).refused(Invalid)

    assert ["/starts/0", "/starts/2"] == [fault.pointer for fault in refusal.faults]
    given().when(make(slots=(slot(days=59, hours=23),))).then(
        replace(MADE, slots=(slot(days=59, hours=23),))
    )


def test_a_time_is_held_until_the_offer_ends_and_never_past_its_beginning() -> None:
    assert after(hours=1) == held_until(TUESDAY, after(hours=1))
    assert TUESDAY.start == held_until(TUESDAY, after(days=3))


@pytest.mark.parametrize(
    ("ended", "withdrawn", "name"),
    [
        (None, False, "open"),
        ("consumed", False, "booked"),
        ("ttl", False, "expired"),
        ("revoked", True, "withdrawn"),
        ("ttl", True, "withdrawn"),
        ("consumed", True, "booked"),
        ("type_deleted", False, "withdrawn"),
    ],
)
def test_an_offer_ends_as_its_link_does(
    ended: EndReason | None, withdrawn: bool, name: OfferState
) -> None:
    state = offer.DECIDER.fold([MADE, WITHDRAWN] if withdrawn else [MADE])

    assert isinstance(state, offer.Offer)
    assert name == offer_state(state, ended)


@pytest.mark.parametrize(
    ("facts", "state", "name"),
    [
        ({}, "open", "open"),
        ({"held": True}, "open", "held"),
        ({"taken": True}, "open", "taken"),
        ({"taken": True, "held": True}, "open", "taken"),
        ({"booked": True, "held": True}, "booked", "booked"),
        ({"held": True}, "booked", "expired"),
        ({}, "expired", "expired"),
        ({"taken": True}, "withdrawn", "expired"),
    ],
)
def test_each_time_of_an_offer_has_its_state(
    facts: dict[str, bool], state: OfferState, name: TimeState
) -> None:
    known = {"booked": False, "held": False, "taken": False, **facts}

    assert name == time_state(TUESDAY, state, NOW, **known)


def test_a_time_that_has_begun_is_expired_unless_it_is_booked() -> None:
    at = TUESDAY.start

    assert "expired" == time_state(TUESDAY, "open", at, booked=False, held=True, taken=False)
    assert "booked" == time_state(TUESDAY, "booked", at, booked=True, held=False, taken=False)


def test_an_event_without_an_offer_changes_nothing() -> None:
    assert offer.Absent() == offer.DECIDER.fold([WITHDRAWN])
