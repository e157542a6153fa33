"""From a slot to a meeting, and what becomes of it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingCancelled,
    CancelBooking,
    ReleaseHold,
    SlotReleased,
    status,
    uid,
)
from services.booking.domain.refusals import (
    ChangeTooLate,
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
    NOTICE,
    NOW,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    after,
    cancel,
    cancelled,
    complete,
    confirm,
    confirmed,
    meeting,
    move,
    move_reserved,
    rescheduled,
    reserve,
    reserved,
    terms,
)
from tests.specification import Decider

BOOKING = Decider(booking.INITIAL, booking.decide, booking.evolve)
given = BOOKING.given

INSTANT = timedelta(microseconds=1)
BOOKED = (reserved(), confirmed())
MOVING = (*BOOKED, move_reserved())
MOVE_GIVEN_UP = SlotReleased(ANNA, WEDNESDAY, "released", "reschedule")


# Reserving


def test_a_reserved_slot_is_held_until_its_deadline() -> None:
    given().when(reserve()).then(reserved())


def test_nothing_is_held_past_the_meeting_s_own_beginning() -> None:
    soon = Slot(after(minutes=3), after(minutes=48))

    given().when(reserve(slot=soon, notice=Notice(0, 1440, 0))).then(
        reserved(slot=soon, expires_at=soon.start)
    )


def test_asking_again_for_the_slot_that_one_holds_changes_nothing() -> None:
    given(reserved()).when(reserve(at=after(minutes=1))).then()


def test_asking_again_for_a_slot_whose_hold_is_over_is_refused() -> None:
    given(reserved()).when(reserve(at=after(minutes=5))).refused(HoldOver)


@pytest.mark.parametrize("by", ["attendee", "organizer"])
def test_nobody_books_the_past_or_the_present(by: Party) -> None:
    now = Slot(NOW, after(minutes=45))

    refusal = given().when(reserve(slot=now, by=by, notice=Notice(0, 1440, 0)))

    assert refusal.refused(SlotNotOffered).reasons == ("in_the_past",)


def test_a_start_exactly_at_the_minimum_lead_is_offered() -> None:
    earliest = Slot(after(hours=2), after(hours=3))

    given().when(reserve(slot=earliest)).then(reserved(slot=earliest))


def test_a_start_an_instant_before_the_minimum_lead_is_not_offered() -> None:
    early = Slot(after(hours=2) - INSTANT, after(hours=3))

    assert given().when(reserve(slot=early)).refused(SlotNotOffered).reasons == ("too_soon",)


def test_a_start_exactly_at_the_horizon_is_not_offered() -> None:
    late = Slot(after(days=60), after(days=60, hours=1))

    assert given().when(reserve(slot=late)).refused(SlotNotOffered).reasons == ("too_far_ahead",)


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


def test_a_hold_is_over_at_its_deadline_whether_or_not_a_timer_has_fired() -> None:
    given(reserved()).when(confirm(at=after(minutes=5))).refused(HoldOver)


def test_a_booking_without_a_link_is_confirmed_without_one() -> None:
    given(reserved(link_id=None)).when(confirm()).then(confirmed(meeting=meeting(link_id=None)))


def test_nothing_is_confirmed_while_the_policy_denies_the_page() -> None:
    given(reserved()).when(confirm(page_open=False)).refused(NotAvailable)


def test_nothing_is_confirmed_before_availability_has_answered() -> None:
    given(reserved()).when(confirm(verdict="pending")).refused(VerdictPending)


def test_a_rejected_slot_is_refused_with_availability_s_reasons() -> None:
    refusal = given(reserved()).when(confirm(verdict="rejected", reasons=("busy", "off_grid")))

    assert refusal.refused(SlotNotOffered).reasons == ("busy", "off_grid")
    assert "busy, off grid" in str(refusal.refusal)


def test_confirming_twice_changes_nothing_whoever_the_second_one_names() -> None:
    again = confirm(attendee_id=FIRST_BOOKING, terms=terms(title="Something else"), page_open=False)

    given(*BOOKED).when(again).then()


def test_a_cancelled_booking_is_not_confirmed_again() -> None:
    given(*BOOKED, cancelled()).when(confirm()).refused(StateConflict)


# Releasing


def test_going_back_releases_the_hold() -> None:
    given(reserved()).when(ReleaseHold("released", after(minutes=1))).then(
        SlotReleased(ANNA, TUESDAY, "released", "new")
    )


def test_a_timer_that_fires_early_releases_nothing() -> None:
    given(reserved()).when(ReleaseHold("timeout", after(minutes=5) - INSTANT)).then()


def test_a_timer_releases_the_hold_from_its_deadline_on() -> None:
    given(reserved()).when(ReleaseHold("timeout", after(minutes=5))).then(
        SlotReleased(ANNA, TUESDAY, "timeout", "new")
    )


def test_a_rejection_of_another_time_releases_nothing() -> None:
    given(reserved()).when(ReleaseHold("rejected", after(minutes=1), WEDNESDAY)).then()


def test_releasing_twice_changes_nothing() -> None:
    released = SlotReleased(ANNA, TUESDAY, "released", "new")

    given(reserved(), released).when(ReleaseHold("released", after(minutes=1))).then()


def test_a_confirmed_booking_is_not_released_but_cancelled() -> None:
    given(*BOOKED).when(ReleaseHold("released", after(minutes=3))).refused(StateConflict)


def test_the_timer_of_a_hold_that_was_confirmed_finds_nothing_to_do() -> None:
    given(*BOOKED).when(ReleaseHold("timeout", after(minutes=5))).then()


def test_the_policy_takes_a_pending_move_but_not_the_booking() -> None:
    given(*MOVING).when(ReleaseHold("policy_disabled", after(hours=1))).then(
        SlotReleased(ANNA, WEDNESDAY, "policy_disabled", "reschedule")
    )


def test_a_late_rejection_of_the_first_time_does_not_touch_the_pending_move() -> None:
    given(*MOVING).when(ReleaseHold("rejected", after(hours=1), TUESDAY)).then()


# Moving


def test_a_move_holds_the_new_time_without_a_use_of_the_link() -> None:
    given(*BOOKED).when(move()).then(move_reserved())


def test_an_accepted_move_is_one_event_with_both_times() -> None:
    given(*MOVING).when(complete()).then(rescheduled())


def test_a_rejected_move_leaves_the_booking_as_it_was() -> None:
    given_up = SlotReleased(ANNA, WEDNESDAY, "rejected", "reschedule")
    given(*MOVING).when(complete(verdict="rejected")).then(given_up)

    assert BOOKING.fold([*MOVING, given_up]) == BOOKING.fold(BOOKED)


def test_a_pending_verdict_leaves_the_move_pending() -> None:
    given(*MOVING).when(complete(verdict="pending")).then()


def test_the_verdict_on_another_time_completes_nothing() -> None:
    given(*MOVING).when(complete(slot=THURSDAY)).then()


def test_the_same_verdict_twice_moves_once() -> None:
    given(*MOVING, rescheduled()).when(complete()).then()


def test_a_verdict_that_comes_at_the_deadline_is_too_late() -> None:
    given(*MOVING).when(complete(at=after(hours=1, minutes=5))).then(
        SlotReleased(ANNA, WEDNESDAY, "timeout", "reschedule")
    )


def test_a_move_is_given_up_when_the_policy_has_denied_the_page_meanwhile() -> None:
    given(*MOVING).when(complete(page_open=False)).then(
        SlotReleased(ANNA, WEDNESDAY, "policy_disabled", "reschedule")
    )


def test_moving_to_the_time_that_one_has_changes_nothing_even_when_it_is_late() -> None:
    given(*BOOKED).when(move(slot=TUESDAY, at=after(days=9), page_open=False)).then()


def test_asking_again_for_the_pending_move_changes_nothing() -> None:
    given(*MOVING).when(move()).then()


def test_the_newest_wish_replaces_the_one_that_is_pending() -> None:
    given(*MOVING).when(move(slot=THURSDAY)).then(MOVE_GIVEN_UP, move_reserved(slot=THURSDAY))


def test_wishing_to_stay_withdraws_the_pending_move() -> None:
    given(*MOVING).when(move(slot=TUESDAY)).then(MOVE_GIVEN_UP)


def test_a_pending_move_past_its_deadline_is_asked_for_anew() -> None:
    late = move(at=after(hours=1, minutes=5), expires_at=after(hours=1, minutes=10))

    given(*MOVING).when(late).then(
        SlotReleased(ANNA, WEDNESDAY, "timeout", "reschedule"),
        move_reserved(expires_at=after(hours=1, minutes=10)),
    )


def test_bookings_move_only_while_the_page_is_open() -> None:
    given(*BOOKED).when(move(page_open=False)).refused(NotAvailable)


def test_an_attendee_moves_up_to_the_cut_off_itself() -> None:
    at = TUESDAY.start - timedelta(minutes=NOTICE.cutoff_minutes)
    last = move(at=at, expires_at=at + timedelta(minutes=5))

    given(*BOOKED).when(last).then(move_reserved(expires_at=at + timedelta(minutes=5)))


def test_an_attendee_does_not_move_after_the_cut_off() -> None:
    last = TUESDAY.start - timedelta(minutes=NOTICE.cutoff_minutes)

    refusal = given(*BOOKED).when(move(at=last + INSTANT)).refused(ChangeTooLate)

    assert last == refusal.until


def test_an_attendee_s_new_time_keeps_the_lead_time() -> None:
    early = Slot(after(hours=3) - INSTANT, after(hours=4))

    assert given(*BOOKED).when(move(slot=early)).refused(SlotNotOffered).reasons == ("too_soon",)


def test_the_organizer_moves_after_the_cut_off_and_inside_the_lead_time() -> None:
    at = TUESDAY.start + timedelta(minutes=1)
    shortly = Slot(at + timedelta(minutes=1), at + timedelta(minutes=46))
    sudden = move(slot=shortly, by="organizer", at=at, expires_at=at + timedelta(minutes=5))

    given(*BOOKED).when(sudden).then(
        move_reserved(slot=shortly, by="organizer", expires_at=shortly.start)
    )


def test_even_the_organizer_does_not_move_a_meeting_into_the_past() -> None:
    past = move(slot=Slot(after(hours=-1), NOW), by="organizer")

    assert given(*BOOKED).when(past).refused(SlotNotOffered).reasons == ("in_the_past",)


def test_a_cancelled_booking_is_not_moved() -> None:
    given(*BOOKED, cancelled()).when(move()).refused(StateConflict)


def test_a_hold_that_is_not_confirmed_is_not_moved() -> None:
    given(reserved()).when(move()).refused(StateConflict)


def test_a_moved_booking_moves_again_from_where_it_is() -> None:
    history = (*MOVING, rescheduled(), move_reserved(slot=TUESDAY))

    given(*history).when(complete(slot=TUESDAY)).then(
        rescheduled(old=WEDNESDAY, new=TUESDAY, ics_sequence=2)
    )


# Cancelling


def test_a_cancelled_meeting_says_who_and_grows_the_sequence() -> None:
    given(*BOOKED).when(cancel()).then(cancelled())


def test_cancelling_twice_changes_nothing_even_when_it_is_late() -> None:
    given(*BOOKED, cancelled()).when(cancel(at=after(days=30))).then()


def test_cancelling_releases_a_pending_move_first() -> None:
    given(*MOVING).when(cancel()).then(MOVE_GIVEN_UP, cancelled())


def test_a_moved_meeting_is_cancelled_where_it_is() -> None:
    given(*MOVING, rescheduled()).when(cancel()).then(cancelled(slot=WEDNESDAY, ics_sequence=2))


def test_an_attendee_cancels_up_to_the_cut_off_itself() -> None:
    given(*BOOKED).when(cancel(at=TUESDAY.start - timedelta(hours=2))).then(cancelled())


def test_an_attendee_does_not_cancel_after_the_cut_off() -> None:
    given(*BOOKED).when(cancel(at=TUESDAY.start - timedelta(hours=2) + INSTANT)).refused(
        ChangeTooLate
    )


def test_an_attendee_does_not_cancel_a_meeting_that_has_begun_where_there_is_no_cut_off() -> None:
    anytime = Notice(0, 1440, 0)

    given(*BOOKED).when(cancel(at=TUESDAY.start - INSTANT, notice=anytime)).then(cancelled())
    given(*BOOKED).when(cancel(at=TUESDAY.start, notice=anytime)).refused(ChangeTooLate)


@pytest.mark.parametrize("by", ["organizer", "administrator", "calendar"])
def test_the_cut_off_binds_nobody_but_the_attendee(by: booking.Canceller) -> None:
    given(*BOOKED).when(CancelBooking(by, NOTICE, TUESDAY.end)).then(
        BookingCancelled(meeting(), TUESDAY, by, 1)
    )


def test_a_hold_is_not_cancelled_but_released() -> None:
    given(reserved()).when(cancel()).refused(StateConflict)


# What the shell asks


def test_the_uid_is_one_for_the_booking_s_whole_life() -> None:
    assert uid(UUID(int=7)) == "00000000-0000-0000-0000-000000000007@bookwith"


def test_a_hold_past_its_deadline_is_released_before_any_timer_fires() -> None:
    held = BOOKING.fold([reserved()])

    assert status(held, after(minutes=5) - INSTANT) == "held"
    assert status(held, after(minutes=5)) == "released"


def test_each_state_has_its_status() -> None:
    released = SlotReleased(ANNA, TUESDAY, "released", "new")

    assert status(BOOKING.fold(MOVING), NOW) == "confirmed"
    assert status(BOOKING.fold([*BOOKED, cancelled()]), NOW) == "cancelled"
    assert status(BOOKING.fold([reserved(), released]), NOW) == "released"
    with pytest.raises(NotFound):
        status(BOOKING.initial, NOW)
