"""Moving and cancelling what is booked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingCancelled,
    CancelBooking,
    ReleaseHold,
    SlotReleased,
    why_not_moved,
)
from services.booking.domain.refusals import (
    ChangeTooLate,
    HoldOver,
    NotAvailable,
    Refusal,
    SlotNotOffered,
    StateConflict,
)
from services.booking.domain.slot import Canceller, Notice, Slot
from tests.builders import (
    ANNA,
    NOTICE,
    NOW,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    after,
    cancel,
    cancelled,
    complete,
    confirmed,
    meeting,
    move,
    move_reserved,
    rescheduled,
    reserved,
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


# Moving


def test_a_move_holds_the_new_time_without_a_use_of_the_link() -> None:
    given(*BOOKED).when(move()).then(move_reserved())


def test_an_accepted_move_is_one_event_with_both_times() -> None:
    given(*MOVING).when(complete()).then(rescheduled())


def test_a_rejected_move_leaves_the_booking_as_it_was() -> None:
    given_up = SlotReleased(
        organizer_id=ANNA, slot=WEDNESDAY, reason="rejected", purpose="reschedule"
    )
    rejected = ReleaseHold(reason="rejected", at=after(hours=1, seconds=1), slot=WEDNESDAY)
    given(*MOVING).when(rejected).then(given_up)

    state = BOOKING.fold([*MOVING, given_up])

    assert isinstance(state, booking.Confirmed)
    assert replace(state, refused_move=None) == BOOKING.fold(BOOKED)


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("rejected", SlotNotOffered),
        ("policy_disabled", NotAvailable),
        ("timeout", HoldOver),
        ("released", HoldOver),
    ],
)
def test_a_released_move_has_the_refusal_of_its_reason(
    reason: booking.ReleaseReason, refusal: type[Refusal]
) -> None:
    given_up = SlotReleased(organizer_id=ANNA, slot=WEDNESDAY, reason=reason, purpose="reschedule")
    state = BOOKING.fold([*MOVING, given_up])

    assert type(why_not_moved(state, WEDNESDAY, after(hours=2))) is refusal
    assert type(why_not_moved(state, THURSDAY, after(hours=2))) is HoldOver


def test_a_pending_move_and_a_completed_one_have_no_refusal() -> None:
    assert why_not_moved(BOOKING.fold(MOVING), WEDNESDAY, after(hours=1)) is None
    assert why_not_moved(BOOKING.fold([*MOVING, rescheduled()]), WEDNESDAY, after(hours=2)) is None


def test_a_move_past_its_deadline_is_over_and_a_replaced_or_cancelled_one_is_a_conflict() -> None:
    deadline = after(hours=1, minutes=5)
    cancelled_meanwhile = BOOKING.fold([*MOVING, cancelled()])

    assert type(why_not_moved(BOOKING.fold(MOVING), WEDNESDAY, deadline)) is HoldOver
    assert type(why_not_moved(BOOKING.fold(MOVING), THURSDAY, after(hours=1))) is StateConflict
    assert type(why_not_moved(cancelled_meanwhile, WEDNESDAY, after(hours=2))) is StateConflict


def test_the_verdict_on_another_time_completes_nothing() -> None:
    given(*MOVING).when(complete(slot=THURSDAY)).then()


def test_the_same_verdict_twice_moves_once() -> None:
    given(*MOVING, rescheduled()).when(complete()).then()


def test_a_verdict_at_the_deadline_is_too_late() -> None:
    given(*MOVING).when(complete(at=after(hours=1, minutes=5))).then(
        SlotReleased(organizer_id=ANNA, slot=WEDNESDAY, reason="timeout", purpose="reschedule")
    )


def test_a_move_is_released_when_the_policy_has_denied_the_page() -> None:
    given(*MOVING).when(complete(may_be_moved=False)).then(
        SlotReleased(
            organizer_id=ANNA, slot=WEDNESDAY, reason="policy_disabled", purpose="reschedule"
        )
    )


def test_moving_to_the_bookings_own_time_changes_nothing_even_after_the_cut_off() -> None:
    given(*BOOKED).when(move(slot=TUESDAY, at=after(days=9), may_be_moved=False)).then()


def test_requesting_the_pending_move_again_changes_nothing() -> None:
    given(*MOVING).when(move()).then()


def test_a_new_request_replaces_the_pending_move() -> None:
    given(*MOVING).when(move(slot=THURSDAY)).then(MOVE_GIVEN_UP, move_reserved(slot=THURSDAY))


def test_a_request_for_the_bookings_own_time_withdraws_the_pending_move() -> None:
    given(*MOVING).when(move(slot=TUESDAY)).then(MOVE_GIVEN_UP)


def test_a_move_past_its_deadline_can_be_requested_again() -> None:
    late = move(at=after(hours=1, minutes=5), expires_at=after(hours=1, minutes=10))

    given(*MOVING).when(late).then(
        SlotReleased(organizer_id=ANNA, slot=WEDNESDAY, reason="timeout", purpose="reschedule"),
        move_reserved(expires_at=after(hours=1, minutes=10)),
    )


def test_bookings_move_only_while_the_page_is_open() -> None:
    given(*BOOKED).when(move(may_be_moved=False)).refused(NotAvailable)


def test_an_attendee_may_move_until_the_cut_off() -> None:
    at = TUESDAY.start - timedelta(minutes=NOTICE.cutoff_minutes)
    last = move(at=at, expires_at=at + timedelta(minutes=5))

    given(*BOOKED).when(last).then(move_reserved(expires_at=at + timedelta(minutes=5)))


def test_an_attendee_may_not_move_after_the_cut_off() -> None:
    last = TUESDAY.start - timedelta(minutes=NOTICE.cutoff_minutes)

    refusal = given(*BOOKED).when(move(at=last + INSTANT)).refused(ChangeTooLate)

    assert last == refusal.until


def test_the_minimum_lead_binds_an_attendees_new_time() -> None:
    early = Slot(after(hours=3) - INSTANT, after(hours=4))

    assert given(*BOOKED).when(move(slot=early)).refused(SlotNotOffered).reasons == (
        "minimum_lead",
    )


def test_the_organizer_moves_after_the_cut_off_and_inside_the_lead_time() -> None:
    at = TUESDAY.start + timedelta(minutes=1)
    shortly = Slot(at + timedelta(minutes=1), at + timedelta(minutes=46))
    sudden = move(slot=shortly, by="organizer", at=at, expires_at=at + timedelta(minutes=5))

    given(*BOOKED).when(sudden).then(
        move_reserved(slot=shortly, by="organizer", expires_at=shortly.start)
    )


def test_a_move_into_the_past_is_refused_even_for_the_organizer() -> None:
    past = move(slot=Slot(after(hours=-1), NOW), by="organizer")

    assert given(*BOOKED).when(past).refused(SlotNotOffered).reasons == ("in_the_past",)


def test_a_cancelled_booking_is_not_moved() -> None:
    given(*BOOKED, cancelled()).when(move()).refused(StateConflict)


def test_a_held_booking_is_not_moved() -> None:
    given(reserved()).when(move()).refused(StateConflict)


def test_a_second_move_starts_at_the_moved_time() -> None:
    history = (*MOVING, rescheduled(), move_reserved(slot=TUESDAY))

    given(*history).when(complete(slot=TUESDAY)).then(
        rescheduled(old=WEDNESDAY, new=TUESDAY, ics_sequence=2)
    )


# Cancelling


def test_a_cancellation_names_who_cancelled_and_increases_the_sequence() -> None:
    given(*BOOKED).when(cancel()).then(cancelled())


def test_cancelling_twice_changes_nothing_even_after_the_cut_off() -> None:
    given(*BOOKED, cancelled()).when(cancel(at=after(days=30))).then()


def test_cancelling_releases_a_pending_move_first() -> None:
    given(*MOVING).when(cancel()).then(MOVE_GIVEN_UP, cancelled())


def test_a_moved_meeting_is_cancelled_at_its_new_time() -> None:
    given(*MOVING, rescheduled()).when(cancel()).then(cancelled(slot=WEDNESDAY, ics_sequence=2))


def test_an_attendee_may_cancel_until_the_cut_off() -> None:
    given(*BOOKED).when(cancel(at=TUESDAY.start - timedelta(hours=2))).then(cancelled())


def test_an_attendee_may_not_cancel_after_the_cut_off() -> None:
    given(*BOOKED).when(cancel(at=TUESDAY.start - timedelta(hours=2) + INSTANT)).refused(
        ChangeTooLate
    )


def test_without_a_cut_off_an_attendee_may_cancel_until_the_meeting_starts() -> None:
    anytime = Notice(min_lead_minutes=0, max_lead_minutes=1440, cutoff_minutes=0)

    given(*BOOKED).when(cancel(at=TUESDAY.start - INSTANT, notice=anytime)).then(cancelled())
    given(*BOOKED).when(cancel(at=TUESDAY.start, notice=anytime)).refused(ChangeTooLate)


@pytest.mark.parametrize("by", ["organizer", "administrator", "calendar"])
def test_the_cut_off_binds_only_the_attendee(by: Canceller) -> None:
    given(*BOOKED).when(CancelBooking(by=by, notice=NOTICE, at=TUESDAY.end)).then(
        BookingCancelled(meeting=meeting(), slot=TUESDAY, by=by, ics_sequence=1)
    )


def test_cancelling_a_held_booking_is_refused() -> None:
    given(reserved()).when(cancel()).refused(StateConflict)
