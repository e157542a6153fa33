"""A booking: what must hold in every history of random commands."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import booking
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    CancelBooking,
    CompleteReschedule,
    ConfirmBooking,
    ExtendHold,
    ReleaseHold,
    ReleaseReason,
    RequestReschedule,
    ReserveSlot,
    SlotReleased,
    SlotReserved,
    Verdict,
)
from services.booking.domain.slot import Notice, Party, Slot
from tests.builders import (
    ANNA,
    COFFEE_LINK,
    COFFEE_TYPE,
    VISITOR,
    after,
    confirm,
    reserve,
    terms,
)
from tests.histories import (
    CommandAt,
    TimedCommands,
    any_events,
    few,
    is_reached,
    many,
    of_kind,
    run_commands,
    steps,
)

BOOKING = booking.DECIDER

slots = st.sampled_from([1, 6, 20, 30]).map(lambda hour: Slot(after(hours=hour), after(hours=40)))
holds = st.sampled_from([60, 300, 1800]).map(lambda seconds: timedelta(seconds=seconds))
notices = st.sampled_from(
    [
        Notice(min_lead_minutes=0, max_lead_minutes=2880, cutoff_minutes=0),
        Notice(min_lead_minutes=60, max_lead_minutes=600, cutoff_minutes=60),
        Notice(min_lead_minutes=120, max_lead_minutes=2880, cutoff_minutes=120),
    ]
)
parties = st.sampled_from(["attendee", "organizer"])
verdicts = st.sampled_from(["accepted", "accepted", "rejected", "pending"])
reasons = st.sampled_from(["timeout", "released", "rejected", "policy_disabled"])
waits = st.none() | st.sampled_from([600, 7200, 86400]).map(lambda secs: timedelta(seconds=secs))
mostly = st.sampled_from([True] * 9 + [False])


def reserving(slot: Slot, hold: timedelta, by: Party, notice: Notice) -> CommandAt:
    return lambda at: ReserveSlot(
        organizer_id=ANNA,
        meeting_type_id=COFFEE_TYPE,
        link_id=COFFEE_LINK,
        slot=slot,
        expires_at=at + hold,
        by=by,
        notice=notice,
        at=at,
    )


def confirming(
    verdict: Verdict, is_open: bool, prove: timedelta | None, answer: timedelta | None
) -> CommandAt:
    return lambda at: ConfirmBooking(
        attendee_id=VISITOR,
        terms=terms(),
        verdict=verdict,
        reasons=(),
        may_be_booked=is_open,
        prove_by=at + prove if prove else None,
        answer_by=at + answer if answer else None,
        at=at,
    )


def verifying(hold: timedelta, is_open: bool) -> CommandAt:
    return lambda at: booking.VerifyAddress(expires_at=at + hold, may_be_booked=is_open, at=at)


def approving(verdict: Verdict, is_open: bool) -> CommandAt:
    return lambda at: booking.ApproveBooking(
        by=ANNA, verdict=verdict, reasons=(), is_allowed=is_open, at=at
    )


def declining() -> CommandAt:
    return lambda at: booking.DeclineBooking(at=at)


def lapsing(reason: booking.LapseReason) -> CommandAt:
    return lambda at: booking.LapseBooking(reason=reason, at=at)


def asking() -> CommandAt:
    return lambda at: booking.AskToReschedule(by="organizer", at=at)


def releasing(reason: ReleaseReason, slot: Slot | None) -> CommandAt:
    return lambda at: ReleaseHold(reason=reason, at=at, slot=slot)


def extending(hold: timedelta) -> CommandAt:
    return lambda at: ExtendHold(expires_at=at + hold, at=at)


def moving(slot: Slot, hold: timedelta, by: Party, notice: Notice, is_open: bool) -> CommandAt:
    return lambda at: RequestReschedule(
        slot=slot, expires_at=at + hold, by=by, notice=notice, may_be_moved=is_open, at=at
    )


def completing(slot: Slot, is_open: bool, answer: timedelta | None = None) -> CommandAt:
    return lambda at: CompleteReschedule(
        slot=slot, may_be_moved=is_open, at=at, answer_by=at + answer if answer else None
    )


def cancelling(by: Party, notice: Notice) -> CommandAt:
    return lambda at: CancelBooking(by=by, notice=notice, at=at)


answered_moves = st.builds(
    lambda slot, answer, *request: (moving(slot, *request), completing(slot, True, answer)),
    *(slots, waits, holds, parties, notices, mostly),
)
later_steps = steps(
    st.builds(reserving, slots, holds, parties, notices),
    st.builds(confirming, verdicts, mostly, waits, waits),
    st.builds(verifying, holds, mostly),
    st.builds(approving, verdicts, mostly),
    st.builds(declining),
    st.builds(lapsing, st.sampled_from(["timeout", "taken", "withdrawn", "policy_disabled"])),
    st.builds(asking),
    st.builds(releasing, reasons, st.none() | slots),
    st.builds(moving, slots, holds, parties, notices, mostly),
    st.builds(completing, slots, mostly, waits),
    st.builds(cancelling, parties, notices),
    answered_moves,
    answered_moves,
)
# Most begin with a booking, since without one nearly all that follows is refused.
beginnings: list[TimedCommands] = [
    [],
    [(0, lambda _: reserve()), (60, extending(timedelta(minutes=9)))],
    [(0, lambda _: reserve()), (60, lambda _: confirm())],
    [(0, lambda _: reserve()), (60, lambda _: confirm())],
    [(0, lambda _: reserve()), (60, lambda _: confirm(answer_by=after(hours=20)))],
    [(0, lambda _: reserve()), (60, lambda _: confirm(prove_by=after(hours=20)))],
]
booking_steps = st.builds(
    lambda first, later: first + later, st.sampled_from(beginnings), later_steps
)


@many
@given(booking_steps)
def test_in_every_history_a_booking_is_confirmed_once_and_cancelled_once_and_last(
    commands: TimedCommands,
) -> None:
    happened = run_commands(BOOKING, commands)
    events = [event for _, event in happened]

    assert len(of_kind(happened, BookingConfirmed)) <= 1
    assert not of_kind(happened, BookingCancelled) or isinstance(events[-1], BookingCancelled)
    assert len(of_kind(happened, BookingCancelled)) <= len(of_kind(happened, BookingConfirmed))


@many
@given(booking_steps)
def test_in_every_history_the_icalendar_sequence_counts_the_changes_from_zero(
    commands: TimedCommands,
) -> None:
    changes = of_kind(
        run_commands(BOOKING, commands), BookingConfirmed, BookingRescheduled, BookingCancelled
    )

    assert list(range(len(changes))) == [change.ics_sequence for change in changes]


@many
@given(booking_steps)
def test_in_every_history_only_a_held_time_is_booked_and_every_hold_has_a_deadline(  # noqa: C901 -- an event, a branch
    commands: TimedCommands,
) -> None:
    """Follow the times as the store's claims do, from the events alone."""
    booked: Slot | None = None
    holds: dict[Slot, datetime] = {}
    for at, event in run_commands(BOOKING, commands):
        match event:
            case SlotReserved():
                assert event.slot not in (*holds, booked)
                assert at < event.expires_at <= event.slot.start
                holds[event.slot] = event.expires_at
            case SlotReleased(slot=slot) | booking.RescheduleDeclined(wanted=slot):
                del holds[slot]
            case booking.VerificationRequested(slot=slot):
                assert at < holds.pop(slot)
            case booking.BookingRequested(slot=slot, expires_at=deadline):
                assert at < holds[slot]
                assert at < deadline <= slot.start
                holds[slot] = deadline
            case booking.RequestRescheduled(old=old, new=slot, expires_at=deadline):
                assert at < holds[slot]
                assert deadline <= slot.start
                del holds[old]
                holds[slot] = deadline
            case booking.RescheduleApprovalRequested(slot=slot, wanted=wanted):
                assert booked == slot
                assert at < holds[wanted]
                assert event.expires_at <= min(slot.start, wanted.start)
                holds[wanted] = event.expires_at
            case booking.BookingDeclined(slot=slot):
                del holds[slot]
                assert not holds
            case BookingConfirmed(slot=slot) | BookingRescheduled(new=slot):
                assert at < holds.pop(slot)
                assert not holds
                booked = slot
            case BookingCancelled(slot=slot):
                assert not holds
                assert booked == slot
                booked = None


@many
@given(booking_steps)
def test_in_every_history_a_move_starts_at_the_time_before_it(commands: TimedCommands) -> None:
    changes = of_kind(run_commands(BOOKING, commands), BookingConfirmed, BookingRescheduled)
    for before, moved in pairwise(changes):
        was = before.slot if isinstance(before, BookingConfirmed) else before.new

        assert was == moved.old
        assert was != moved.new


# What the details are is not in the state: the command that changes them names what differs.
@pytest.mark.parametrize(
    "kind", [kind for kind in get_args(booking.Event) if kind is not booking.BookingDetailsChanged]
)
def test_each_kind_of_event_is_in_some_random_history(kind: type) -> None:
    assert is_reached(BOOKING, booking_steps, kind)


@few
@given(any_events(booking.Event))
def test_any_events_in_any_order_fold_to_a_state(
    history: list[booking.Event],
) -> None:
    assert isinstance(BOOKING.fold(history), booking.State)
