"""From a slot to a meeting, by a hold that is confirmed in time."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    ReleaseHold,
    SlotReleased,
    status,
    uid,
)
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    NotFound,
    SlotNotOffered,
    StateConflict,
    VerdictPending,
)
from services.booking.domain.slot import Notice, Party, Slot
from tests.builders import (
    ANNA,
    FIRST_BOOKING,
    NOW,
    TUESDAY,
    WEDNESDAY,
    after,
    cancelled,
    confirm,
    confirmed,
    meeting,
    move_reserved,
    reserve,
    reserved,
    terms,
)
from tests.specification import specification

BOOKING = booking.DECIDER
given = specification(BOOKING)

INSTANT = timedelta(microseconds=1)
BOOKED = (reserved(), confirmed())
MOVING = (*BOOKED, move_reserved())
MOVE_GIVEN_UP = SlotReleased(
    organizer_id=ANNA, slot=WEDNESDAY, reason="released", purpose="reschedule"
)


# Reserving


def test_a_reserved_slot_is_held_until_its_deadline() -> None:
    given().when(reserve()).then(reserved())


def test_a_hold_ends_at_the_latest_when_the_meeting_starts() -> None:
    soon = Slot(after(minutes=3), after(minutes=48))

    given().when(
        reserve(
            slot=soon, notice=Notice(min_lead_minutes=0, max_lead_minutes=1440, cutoff_minutes=0)
        )
    ).then(reserved(slot=soon, expires_at=soon.start))


def test_reserving_the_held_slot_again_changes_nothing() -> None:
    given(reserved()).when(reserve(at=after(minutes=1))).then()


def test_reserving_again_a_slot_whose_hold_is_over_is_refused() -> None:
    given(reserved()).when(reserve(at=after(minutes=5))).refused(HoldOver)


@pytest.mark.parametrize("by", ["attendee", "organizer"])
def test_a_start_that_is_not_in_the_future_is_refused_for_everybody(by: Party) -> None:
    now = Slot(NOW, after(minutes=45))

    refusal = given().when(
        reserve(
            slot=now,
            by=by,
            notice=Notice(min_lead_minutes=0, max_lead_minutes=1440, cutoff_minutes=0),
        )
    )

    assert refusal.refused(SlotNotOffered).reasons == ("in_the_past",)


def test_a_start_exactly_at_the_minimum_lead_is_offered() -> None:
    earliest = Slot(after(hours=2), after(hours=3))

    given().when(reserve(slot=earliest)).then(reserved(slot=earliest))


def test_a_start_an_instant_before_the_minimum_lead_is_not_offered() -> None:
    early = Slot(after(hours=2) - INSTANT, after(hours=3))

    assert given().when(reserve(slot=early)).refused(SlotNotOffered).reasons == ("minimum_lead",)


def test_a_start_exactly_at_the_horizon_is_not_offered() -> None:
    late = Slot(after(days=60), after(days=60, hours=1))

    assert given().when(reserve(slot=late)).refused(SlotNotOffered).reasons == ("horizon",)


def test_a_start_an_instant_before_the_horizon_is_offered() -> None:
    latest = Slot(after(days=60) - INSTANT, after(days=60, hours=1))

    given().when(reserve(slot=latest)).then(reserved(slot=latest))


@pytest.mark.parametrize("start", [after(minutes=1), after(days=300)])
def test_lead_time_and_horizon_do_not_bind_the_organizer(start: datetime) -> None:
    asked = Slot(start, start + timedelta(hours=1))

    given().when(reserve(slot=asked, by="organizer")).then(
        reserved(slot=asked, by="organizer", expires_at=min(start, after(minutes=5)))
    )


# Confirming


def test_a_hold_is_confirmed_with_what_was_agreed() -> None:
    given(reserved()).when(confirm()).then(confirmed())


def test_a_hold_is_confirmed_up_to_the_last_instant_before_its_deadline() -> None:
    given(reserved()).when(confirm(at=after(minutes=5) - INSTANT)).then(confirmed())


def test_a_hold_cannot_be_confirmed_from_its_deadline_on() -> None:
    given(reserved()).when(confirm(at=after(minutes=5))).refused(HoldOver)


def test_a_booking_without_a_link_is_confirmed_without_one() -> None:
    given(reserved(link_id=None)).when(confirm()).then(confirmed(meeting=meeting(link_id=None)))


def test_nothing_is_confirmed_while_the_policy_denies_the_page() -> None:
    given(reserved()).when(confirm(may_be_booked=False)).refused(NotAvailable)


def test_nothing_is_confirmed_before_availability_has_answered() -> None:
    given(reserved()).when(confirm(verdict="pending")).refused(VerdictPending)


def test_a_rejected_slot_is_refused_with_availability_s_reasons() -> None:
    refusal = given(reserved()).when(
        confirm(verdict="rejected", reasons=("free", "on_grid", "a_later_rule"))
    )

    assert refusal.refused(SlotNotOffered).reasons == ("free", "on_grid", "a_later_rule")
    assert str(refusal.refusal) == (
        "That time is not offered: the organizer is not free then, and this meeting does not start"
        " at that minute. Please pick another one."
    )


def test_a_slot_rejected_by_an_unknown_rule_is_refused_with_a_sentence() -> None:
    refusal = given(reserved()).when(confirm(verdict="rejected", reasons=("a_later_rule",)))

    assert str(refusal.refusal) == "That time is not offered. Please pick another one."


def test_confirming_twice_changes_nothing_even_for_another_attendee() -> None:
    again = confirm(
        attendee_id=FIRST_BOOKING, terms=terms(title="Something else"), may_be_booked=False
    )

    given(*BOOKED).when(again).then()


def test_a_cancelled_booking_is_not_confirmed_again() -> None:
    given(*BOOKED, cancelled()).when(confirm()).refused(StateConflict)


# Releasing


def test_the_holder_releases_the_hold() -> None:
    given(reserved()).when(ReleaseHold(reason="released", at=after(minutes=1))).then(
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="released", purpose="new")
    )


def test_a_timer_that_fires_early_releases_nothing() -> None:
    given(reserved()).when(ReleaseHold(reason="timeout", at=after(minutes=5) - INSTANT)).then()


def test_a_timer_releases_the_hold_from_its_deadline_on() -> None:
    given(reserved()).when(ReleaseHold(reason="timeout", at=after(minutes=5))).then(
        SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="timeout", purpose="new")
    )


def test_a_rejection_of_another_time_releases_nothing() -> None:
    given(reserved()).when(
        ReleaseHold(reason="rejected", at=after(minutes=1), slot=WEDNESDAY)
    ).then()


def test_releasing_twice_changes_nothing() -> None:
    released = SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="released", purpose="new")

    given(reserved(), released).when(ReleaseHold(reason="released", at=after(minutes=1))).then()


def test_releasing_a_confirmed_booking_is_refused() -> None:
    given(*BOOKED).when(ReleaseHold(reason="released", at=after(minutes=3))).refused(StateConflict)


def test_the_timer_of_a_confirmed_hold_changes_nothing() -> None:
    given(*BOOKED).when(ReleaseHold(reason="timeout", at=after(minutes=5))).then()


def test_a_denial_releases_a_pending_move_and_keeps_the_booking() -> None:
    given(*MOVING).when(ReleaseHold(reason="policy_disabled", at=after(hours=1))).then(
        SlotReleased(
            organizer_id=ANNA, slot=WEDNESDAY, reason="policy_disabled", purpose="reschedule"
        )
    )


def test_a_late_rejection_of_the_first_time_keeps_the_pending_move() -> None:
    given(*MOVING).when(ReleaseHold(reason="rejected", at=after(hours=1), slot=TUESDAY)).then()


# Identity and status


def test_the_uid_is_made_from_the_id_of_the_booking() -> None:
    assert uid(UUID(int=7)) == "00000000-0000-0000-0000-000000000007@bookwith"


def test_a_hold_past_its_deadline_is_released_before_any_timer_fires() -> None:
    held = BOOKING.fold([reserved()])

    assert status(held, after(minutes=5) - INSTANT) == "held"
    assert status(held, after(minutes=5)) == "released"


def test_each_state_has_its_status() -> None:
    released = SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason="released", purpose="new")

    assert status(BOOKING.fold(MOVING), NOW) == "confirmed"
    assert status(BOOKING.fold([*BOOKED, cancelled()]), NOW) == "cancelled"
    assert status(BOOKING.fold([reserved(), released]), NOW) == "released"
    with pytest.raises(NotFound):
        status(BOOKING.initial, NOW)
