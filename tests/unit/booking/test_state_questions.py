"""What the rest of booking asks of the states: of a booking, a page, a meeting type, a link."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.booking import ReleaseReason, SlotReleased
from services.booking.domain.handle import fresh_handle
from services.booking.domain.refusals import (
    HoldOver,
    NotAvailable,
    NotFound,
    Refusal,
    SlotNotOffered,
    StateConflict,
)
from services.booking.domain.slot import Slot
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    TUESDAY,
    VISITOR,
    WEDNESDAY,
    after,
    cancel,
    cancelled,
    complete,
    confirm,
    confirmed,
    link_issued,
    move,
    move_reserved,
    profile,
    rescheduled,
    reserve,
    reserved,
    settings,
)
from tests.specification import specification

INSTANT = timedelta(microseconds=1)
BOOKED = (reserved(), confirmed())
CREATED = meeting_type.MeetingTypeCreated(
    organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=settings(), revision=1
)


def released(reason: ReleaseReason) -> SlotReleased:
    return SlotReleased(organizer_id=ANNA, slot=TUESDAY, reason=reason, purpose="new")


# A booking


@pytest.mark.parametrize(
    ("history", "slot"),
    [
        ((reserved(),), TUESDAY),
        (BOOKED, TUESDAY),
        ((*BOOKED, move_reserved()), TUESDAY),
        ((*BOOKED, move_reserved(), rescheduled()), WEDNESDAY),
        ((*BOOKED, cancelled()), TUESDAY),
        ((reserved(), released("released")), TUESDAY),
    ],
)
def test_a_booking_takes_the_time_of_its_newest_state(
    history: tuple[booking.Event, ...], slot: Slot
) -> None:
    assert slot == booking.slot_of(booking.DECIDER.fold(history))


@pytest.mark.parametrize("reason", ["timeout", "released", "rejected", "policy_disabled"])
def test_a_released_booking_says_why(reason: ReleaseReason) -> None:
    state = booking.DECIDER.fold([reserved(), released(reason)])

    assert reason == booking.release_reason(state, NOW)


def test_a_hold_is_timed_out_from_its_deadline_on() -> None:
    held = booking.DECIDER.fold([reserved()])

    assert booking.release_reason(held, after(minutes=5) - INSTANT) is None
    assert booking.release_reason(held, after(minutes=5)) == "timeout"


def test_a_confirmed_booking_is_not_released_at_any_time() -> None:
    assert booking.release_reason(booking.DECIDER.fold(BOOKED), after(days=30)) is None


def test_a_move_is_pending_up_to_its_deadline() -> None:
    moving = booking.DECIDER.fold([*BOOKED, move_reserved()])
    deadline = after(hours=1, minutes=5)
    pending = booking.pending_move(moving, deadline - INSTANT)

    assert pending is not None
    assert (WEDNESDAY, deadline, "attendee") == (pending.slot, pending.expires_at, pending.by)
    assert booking.pending_move(moving, deadline) is None
    assert booking.pending_move(booking.DECIDER.fold(BOOKED), NOW) is None


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("policy_disabled", NotAvailable),
        ("rejected", SlotNotOffered),
        ("timeout", HoldOver),
        ("released", HoldOver),
    ],
)
def test_each_reason_of_a_release_is_one_refusal(
    reason: ReleaseReason, kind: type[Refusal]
) -> None:
    assert kind is type(booking.refusal_of(reason))


def test_a_rejection_carries_the_rules_of_availability() -> None:
    refusal = booking.refusal_of("rejected", ("free",))

    assert isinstance(refusal, SlotNotOffered)
    assert refusal.reasons == ("free",)


@pytest.mark.parametrize(
    "ask",
    [
        booking.slot_of,
        lambda state: booking.status(state, NOW),
        lambda state: booking.DECIDER.decide(state, confirm()),
    ],
)
def test_a_booking_that_does_not_exist_is_not_found(
    ask: Callable[[booking.State], object],
) -> None:
    with pytest.raises(NotFound) as refused:
        ask(booking.DECIDER.initial)

    assert refused.value.what == "booking"


@pytest.mark.parametrize(
    ("history", "command", "sentence"),
    [
        (
            (reserved(),),
            cancel(),
            "This booking is not confirmed yet; confirm or release it first.",
        ),
        ((reserved(),), move(), "This booking is not confirmed yet; confirm or release it first."),
        (BOOKED, reserve(), "This booking is confirmed already; move it instead."),
        (
            BOOKED,
            booking.ReleaseHold(reason="released", at=NOW),
            "This booking is confirmed already; cancel it instead.",
        ),
        (
            (*BOOKED, cancelled()),
            move(),
            "This booking is cancelled. Book again to have another time.",
        ),
        (
            (*BOOKED, cancelled()),
            confirm(),
            "This booking is cancelled. Book again to have another time.",
        ),
        (
            (reserved(), released("timeout")),
            cancel(),
            "This time was released before it was confirmed. Book again.",
        ),
    ],
)
def test_a_command_that_comes_too_early_or_too_late_says_what_to_do(
    history: tuple[booking.Event, ...], command: booking.Command, sentence: str
) -> None:
    refusal = specification(booking.DECIDER)(*history).when(command).refused(StateConflict)

    assert sentence == str(refusal)


def test_a_move_that_another_request_replaced_says_so() -> None:
    state = booking.DECIDER.fold([*BOOKED, move_reserved(slot=Slot(after(days=5), after(days=6)))])
    refusal = booking.why_not_moved(state, WEDNESDAY, after(hours=1))

    assert str(refusal) == (
        "Another time was asked for in the meantime; that one is being checked."
    )


def test_a_move_that_a_cancellation_overtook_says_so() -> None:
    state = booking.DECIDER.fold([*BOOKED, cancelled()])
    refusal = booking.why_not_moved(state, WEDNESDAY, after(hours=1))

    assert str(refusal) == "This booking is cancelled. Book again to have another time."


def test_a_released_hold_that_is_confirmed_is_refused_with_the_rules_of_availability() -> None:
    given = specification(booking.DECIDER)
    late = confirm(verdict="rejected", reasons=("free", "horizon"))

    refusal = given(reserved(), released("rejected")).when(late).refused(SlotNotOffered)

    assert refusal.reasons == ("free", "horizon")


def test_a_new_time_is_held_for_the_organizer_who_asked_for_it() -> None:
    state = booking.DECIDER.fold([*BOOKED, move_reserved(by="organizer")])
    [moved] = booking.DECIDER.decide(state, complete())

    assert isinstance(moved, booking.BookingRescheduled)
    assert moved.by == "organizer"


# A page


def test_the_zone_of_a_page_is_its_organizers() -> None:
    state = page.DECIDER.fold([page.PageCreated(ANNA, profile(time_zone="Asia/Tokyo"))])

    assert page.time_zone(state) == "Asia/Tokyo"


@pytest.mark.parametrize(
    "ask", [page.time_zone, lambda state: page.DECIDER.decide(state, page.PublishPage())]
)
def test_a_page_that_does_not_exist_is_not_found(ask: Callable[[page.State], object]) -> None:
    with pytest.raises(NotFound) as refused:
        ask(page.DECIDER.initial)

    assert refused.value.what == "page"


def test_whoever_has_a_page_is_told_to_change_it() -> None:
    created = page.PageCreated(ANNA, profile())
    again = page.CreatePage(ANNA, profile(handle="anna-too"))
    refusal = specification(page.DECIDER)(created).when(again).refused(StateConflict)

    assert str(refusal) == "You have a page already; change that one."


@pytest.mark.parametrize(
    ("handle", "renewed"),
    [
        ("anna", "anna-9abcdef0"),
        ("anna-bridges", "anna-bridges-9abcdef0"),
        ("anna-12345678", "anna-9abcdef0"),
        ("anna-bridges-0123cdef", "anna-bridges-9abcdef0"),
        ("anna-1234567", "anna-1234567-9abcdef0"),
        ("anna-123456789", "anna-123456789-9abcdef0"),
        ("anna-1234567g", "anna-1234567g-9abcdef0"),
        ("12345678", "12345678-9abcdef0"),
        ("x" * 64, "x" * 55 + "-9abcdef0"),
        ("x" * 54 + "-yyyyyyyyy", "x" * 54 + "-9abcdef0"),
    ],
)
def test_a_fresh_handle_replaces_the_part_that_was_made_before(handle: str, renewed: str) -> None:
    minted = UUID("00000000-0000-7000-8000-00009abcdef0")

    assert renewed == fresh_handle(handle, minted)
    assert len(renewed) <= 64


# A meeting type


def test_a_deleted_type_has_its_last_settings() -> None:
    offered = meeting_type.DECIDER.fold([CREATED])
    deleted = meeting_type.DECIDER.fold([CREATED, meeting_type.MeetingTypeDeleted()])

    assert settings() == meeting_type.last_settings(offered) == meeting_type.last_settings(deleted)


def test_the_deletion_of_a_type_that_never_existed_leaves_nothing() -> None:
    deleted = meeting_type.DECIDER.fold([meeting_type.MeetingTypeDeleted()])

    assert meeting_type.Absent() == deleted


def test_a_type_is_found_by_its_own_organizer_only_while_it_is_offered() -> None:
    offered = meeting_type.DECIDER.fold([CREATED])
    deleted = meeting_type.DECIDER.fold([CREATED, meeting_type.MeetingTypeDeleted()])

    assert offered == meeting_type.owned_by(offered, ANNA)
    for state, organizer in (
        (offered, VISITOR),
        (deleted, ANNA),
        (meeting_type.DECIDER.initial, ANNA),
    ):
        with pytest.raises(NotFound) as refused:
            meeting_type.owned_by(state, organizer)
        assert refused.value.what == "meeting type"


@pytest.mark.parametrize(
    "ask",
    [
        meeting_type.last_settings,
        lambda state: meeting_type.DECIDER.decide(state, meeting_type.DeleteMeetingType()),
    ],
)
def test_a_meeting_type_that_does_not_exist_is_not_found(
    ask: Callable[[meeting_type.State], object],
) -> None:
    with pytest.raises(NotFound) as refused:
        ask(meeting_type.DECIDER.initial)

    assert refused.value.what == "meeting type"


def test_a_meeting_type_that_exists_is_not_created_again() -> None:
    again = meeting_type.CreateMeetingType(
        organizer_id=ANNA, organizer_time_zone="Europe/Copenhagen", settings=settings()
    )
    given = specification(meeting_type.DECIDER)

    assert str(given(CREATED).when(again).refused(StateConflict)) == (
        "This meeting type exists already."
    )


# A private link


def test_a_link_opens_its_own_meeting_type_only_also_when_it_has_ended() -> None:
    revoked = private_link.LinkExpired(
        meeting_type_id=COFFEE_TYPE, reason="revoked", expired_at=NOW
    )
    active = private_link.DECIDER.fold([link_issued()])
    ended = private_link.DECIDER.fold([link_issued(), revoked])

    assert private_link.opens(active, COFFEE_TYPE)
    assert private_link.opens(ended, COFFEE_TYPE)
    assert not private_link.opens(active, FIRST_BOOKING)
    assert not private_link.opens(private_link.DECIDER.initial, COFFEE_TYPE)


@pytest.mark.parametrize(
    "ask",
    [
        lambda state: private_link.end_reason(state, NOW),
        lambda state: private_link.DECIDER.decide(state, private_link.RevokeLink(NOW)),
    ],
)
def test_a_link_that_does_not_exist_is_not_found(
    ask: Callable[[private_link.State], object],
) -> None:
    with pytest.raises(NotFound) as refused:
        ask(private_link.DECIDER.initial)

    assert refused.value.what == "link"


def test_a_link_refuses_a_second_issue_and_a_use_that_nobody_holds_in_words() -> None:
    given = specification(private_link.DECIDER)
    issue = private_link.IssueLink(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=link_issued().limits, at=NOW
    )
    consume = private_link.ConsumeUse(FIRST_BOOKING, NOW)

    assert str(given(link_issued()).when(issue).refused(StateConflict)) == (
        "This link exists already."
    )
    assert str(given(link_issued()).when(consume).refused(StateConflict)) == (
        "This booking holds no use of the link."
    )
