"""Requests: approved, declined, moved and proven, each within its deadline."""

import pytest

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingDeclined,
    ReleaseHold,
    RequestRescheduled,
    decline_reason,
    release_reason,
    status,
)
from services.booking.domain.refusals import (
    ChangeTooLate,
    HoldOver,
    NotAvailable,
    RequestOver,
    SlotNotOffered,
    StateConflict,
)
from services.booking.domain.slot import Notice, Party, Slot
from tests.builders import (
    ANNA,
    NOW,
    TUESDAY,
    WEDNESDAY,
    after,
    approve,
    asked_to_move,
    cancel,
    change_details,
    complete,
    confirm,
    confirmed,
    meeting,
    move,
    move_awaits_approval,
    move_reserved,
    requested,
    rescheduled,
    reserved,
    reserved_again,
    unverified,
    verify,
)
from tests.specification import specification

given = specification(booking.DECIDER)
WAITING = (reserved(), requested())
BOOKED = (reserved(), confirmed())
DEADLINE = after(hours=24)


def test_a_request_waits_until_its_deadline_but_never_past_the_start() -> None:
    week = after(days=7)

    given(reserved()).when(confirm(answer_by=DEADLINE)).then(requested(expires_at=DEADLINE))
    given(reserved()).when(confirm(answer_by=week)).then(requested(expires_at=TUESDAY.start))


@pytest.mark.parametrize("asked", [{"answer_by": DEADLINE}, {"prove_by": DEADLINE}])
def test_what_the_organizer_books_needs_no_approval_and_no_proof(asked: dict[str, object]) -> None:
    given(reserved()).when(confirm(by="organizer", **asked)).then(confirmed(by="organizer"))


def test_a_proof_comes_before_the_approval() -> None:
    both = confirm(prove_by=after(hours=1, minutes=2), answer_by=DEADLINE)
    proven = (reserved(), unverified(), reserved_again())

    given(reserved()).when(both).then(unverified())
    given(*proven).when(both).then(requested())


def test_an_approval_is_said_who_gave_it_and_comes_in_time() -> None:
    just_before = approve(at=after(hours=23, minutes=59))

    given(*WAITING).when(just_before).then(confirmed(approved_by=ANNA))
    given(*WAITING).when(approve(at=DEADLINE)).refused(RequestOver)
    given(*WAITING).when(booking.DeclineBooking(at=DEADLINE)).refused(RequestOver)


def test_an_approval_is_refused_when_policy_or_calendar_have_changed() -> None:
    given(*WAITING).when(approve(is_allowed=False)).refused(StateConflict)
    given(*WAITING).when(approve(verdict="rejected", reasons=("free",))).refused(SlotNotOffered)
    given(*WAITING).when(approve(verdict="pending")).then(confirmed(approved_by=ANNA))


def test_an_attendee_withdraws_what_the_organizer_declines() -> None:
    withdrawn = BookingDeclined(meeting=meeting(), slot=TUESDAY, by="attendee", reason="withdrawn")
    declined = BookingDeclined(meeting=meeting(), slot=TUESDAY, by="organizer", reason="declined")

    given(*WAITING).when(cancel(by="attendee")).then(withdrawn)
    given(*WAITING).when(cancel(by="organizer")).then(declined)


def test_a_withdrawal_is_not_bound_by_the_cut_off() -> None:
    bound = Notice(min_lead_minutes=120, max_lead_minutes=86400, cutoff_minutes=60 * 24 * 30)

    given(*WAITING).when(cancel(notice=bound)).then(
        BookingDeclined(meeting=meeting(), slot=TUESDAY, by="attendee", reason="withdrawn")
    )


def test_a_request_that_is_moved_earlier_is_answered_earlier() -> None:
    earlier = Slot(after(hours=5), after(hours=5, minutes=45))
    moving = (*WAITING, move_reserved(slot=earlier))

    given(*moving).when(complete(slot=earlier)).then(
        RequestRescheduled(
            meeting=meeting(), old=TUESDAY, new=earlier, by="attendee", expires_at=earlier.start
        )
    )
    given(*WAITING, move_reserved()).when(complete()).then(
        RequestRescheduled(
            meeting=meeting(), old=TUESDAY, new=WEDNESDAY, by="attendee", expires_at=DEADLINE
        )
    )


def test_a_move_that_awaits_approval_ends_at_the_old_start_at_the_latest() -> None:
    moving = (*BOOKED, move_reserved())

    given(*moving).when(complete(answer_by=after(days=9))).then(
        move_awaits_approval(expires_at=TUESDAY.start)
    )


@pytest.mark.parametrize(("before", "by"), [((), "organizer"), ((asked_to_move(),), "attendee")])
def test_a_move_that_the_organizer_makes_or_asked_for_needs_no_approval(
    before: tuple[booking.Event, ...], by: Party
) -> None:
    given(*BOOKED, *before, move_reserved(by=by)).when(complete(answer_by=after(days=1))).then(
        rescheduled(by=by)
    )


def test_a_declined_move_keeps_the_time_the_uid_and_the_sequence() -> None:
    waiting = (*BOOKED, move_reserved(), move_awaits_approval())
    before = booking.DECIDER.fold(BOOKED)
    events = booking.DECIDER.decide(
        booking.DECIDER.fold(waiting), booking.DeclineBooking(at=after(hours=2))
    )
    kept = booking.DECIDER.fold([*waiting, *events])

    assert isinstance(before, booking.Confirmed)
    assert isinstance(kept, booking.Confirmed)
    assert (before.slot, before.ics_sequence, before.meeting) == (
        kept.slot,
        kept.ics_sequence,
        kept.meeting,
    )
    assert kept.move is None


def test_who_is_asked_for_another_time_may_move_after_the_cut_off_but_not_after_the_start() -> None:
    bound = Notice(min_lead_minutes=0, max_lead_minutes=86400, cutoff_minutes=60 * 24 * 30)
    asked = (*BOOKED, asked_to_move())

    given(*BOOKED).when(move(notice=bound)).refused(ChangeTooLate)
    given(*asked).when(move(notice=bound)).then(move_reserved())


@pytest.mark.parametrize(
    ("changed", "sequence"),
    [(("name",), 1), (("phone",), 1), (("answers",), 0), (("answers", "name"), 1)],
)
def test_an_edit_of_what_calendars_show_counts_as_a_change(
    changed: tuple[booking.Detail, ...], sequence: int
) -> None:
    given(*BOOKED).when(change_details(changed=changed)).then(
        booking.BookingDetailsChanged(
            meeting=meeting(),
            slot=TUESDAY,
            changed=changed,
            by="attendee",
            ics_sequence=sequence,
            confirmed=True,
        )
    )


def test_an_edit_without_a_change_and_one_of_a_meeting_that_has_begun_do_nothing() -> None:
    given(*BOOKED).when(change_details(changed=())).then()
    given(*BOOKED).when(change_details(at=TUESDAY.start)).refused(StateConflict)


def test_an_address_is_proven_in_time_while_the_page_is_open() -> None:
    waiting = (reserved(), unverified())

    given(*waiting).when(verify()).then(
        booking.AddressVerified(meeting=meeting(), slot=TUESDAY), reserved_again()
    )
    given(*waiting).when(verify(at=after(hours=1, minutes=2))).refused(HoldOver)
    given(*waiting).when(verify(may_be_booked=False)).refused(NotAvailable)


def test_a_deadline_counts_before_its_timer_has_fired() -> None:
    request, proof = (booking.DECIDER.fold(each) for each in (WAITING, (reserved(), unverified())))

    assert ("requested", None) == (status(request, NOW), decline_reason(request, NOW))
    assert ("declined", "timeout") == (
        status(request, DEADLINE),
        decline_reason(request, DEADLINE),
    )
    assert ("unverified", None) == (status(proof, NOW), release_reason(proof, NOW))
    assert ("released", "timeout") == (status(proof, DEADLINE), release_reason(proof, DEADLINE))


def test_a_timer_that_fires_early_ends_no_request() -> None:
    early = ReleaseHold(reason="timeout", at=after(hours=23))

    given(*WAITING).when(early).then()
    given(reserved(), unverified()).when(ReleaseHold(reason="timeout", at=after(hours=1))).then()


def test_a_late_verdict_leaves_a_request_to_its_organizer() -> None:
    rejected = ReleaseHold(reason="rejected", at=after(hours=1), slot=TUESDAY)

    given(*WAITING).when(rejected).then()
    given(*WAITING).when(complete(slot=TUESDAY)).then()
