"""A booking, whatever people ask for in whatever order: what must hold in every history."""

from datetime import timedelta
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
from tests.histories import Asked, Story, any_events, few, is_reached, many, of_kind, steps, tell
from tests.specification import Decider

BOOKING = Decider(booking.INITIAL, booking.decide, booking.evolve)

slots = st.sampled_from([1, 6, 20, 30]).map(lambda hour: Slot(after(hours=hour), after(hours=40)))
holds = st.sampled_from([60, 300, 1800]).map(lambda seconds: timedelta(seconds=seconds))
notices = st.sampled_from([Notice(0, 2880, 0), Notice(60, 600, 60), Notice(120, 2880, 120)])
parties = st.sampled_from(["attendee", "organizer"])
verdicts = st.sampled_from(["accepted", "accepted", "rejected", "pending"])
reasons = st.sampled_from(["timeout", "released", "rejected", "policy_disabled"])
mostly = st.sampled_from([True] * 9 + [False])


def reserving(slot: Slot, hold: timedelta, by: Party, notice: Notice) -> Asked:
    return lambda at: ReserveSlot(ANNA, COFFEE_TYPE, COFFEE_LINK, slot, at + hold, by, notice, at)


def confirming(verdict: Verdict, is_open: bool) -> Asked:
    return lambda at: ConfirmBooking(VISITOR, terms(), verdict, (), is_open, at)


def releasing(reason: ReleaseReason, slot: Slot | None) -> Asked:
    return lambda at: ReleaseHold(reason, at, slot)


def moving(slot: Slot, hold: timedelta, by: Party, notice: Notice, is_open: bool) -> Asked:
    return lambda at: RequestReschedule(slot, at + hold, by, notice, is_open, at)


def completing(slot: Slot, is_open: bool) -> Asked:
    return lambda at: CompleteReschedule(slot, is_open, at)


def cancelling(by: Party, notice: Notice) -> Asked:
    return lambda at: CancelBooking(by, notice, at)


answered_moves = st.builds(
    lambda slot, *wish: (moving(slot, *wish), completing(slot, True)),
    *(slots, holds, parties, notices, mostly),
)
later_steps = steps(
    st.builds(reserving, slots, holds, parties, notices),
    st.builds(confirming, verdicts, mostly),
    st.builds(releasing, reasons, st.none() | slots),
    st.builds(moving, slots, holds, parties, notices, mostly),
    st.builds(completing, slots, mostly),
    st.builds(cancelling, parties, notices),
    answered_moves,
    answered_moves,
)
# Most begin with a booking, since without one nearly all that follows is refused.
beginnings: list[Story] = [
    [],
    [(0, lambda _: reserve())],
    [(0, lambda _: reserve()), (60, lambda _: confirm())],
    [(0, lambda _: reserve()), (60, lambda _: confirm())],
]
booking_steps = st.builds(
    lambda first, later: first + later, st.sampled_from(beginnings), later_steps
)


@many
@given(booking_steps)
def test_a_booking_is_confirmed_once_and_cancelled_once_and_last(
    story: Story,
) -> None:
    told = tell(BOOKING, story)
    events = [event for _, event in told]

    assert len(of_kind(told, BookingConfirmed)) <= 1
    assert not of_kind(told, BookingCancelled) or isinstance(events[-1], BookingCancelled)
    assert len(of_kind(told, BookingCancelled)) <= len(of_kind(told, BookingConfirmed))


@many
@given(booking_steps)
def test_the_sequence_counts_the_changes_from_zero(story: Story) -> None:
    changes = of_kind(tell(BOOKING, story), BookingConfirmed, BookingRescheduled, BookingCancelled)

    assert list(range(len(changes))) == [change.ics_sequence for change in changes]


@many
@given(booking_steps)
def test_no_time_is_used_that_is_not_held_and_none_is_held_for_ever(
    story: Story,
) -> None:
    """Follow the times as the store's claims do, from the events alone."""
    booked: Slot | None = None
    hold: SlotReserved | None = None
    for at, event in tell(BOOKING, story):
        match event:
            case SlotReserved():
                assert hold is None
                assert at < event.expires_at <= event.slot.start
                hold = event
            case SlotReleased(slot=slot):
                assert hold is not None
                assert hold.slot == slot
                hold = None
            case BookingConfirmed(slot=slot) | BookingRescheduled(new=slot):
                assert hold is not None
                assert hold.slot == slot
                assert at < hold.expires_at
                booked, hold = slot, None
            case BookingCancelled(slot=slot):
                assert hold is None
                assert booked == slot
                booked = None


@many
@given(booking_steps)
def test_a_reschedule_leads_from_where_the_booking_was(story: Story) -> None:
    changes = of_kind(tell(BOOKING, story), BookingConfirmed, BookingRescheduled)
    for before, moved in pairwise(changes):
        was = before.slot if isinstance(before, BookingConfirmed) else before.new

        assert was == moved.old
        assert was != moved.new


@pytest.mark.parametrize("kind", get_args(booking.Event))
def test_each_event_is_in_some_of_the_histories(kind: type) -> None:
    assert is_reached(BOOKING, booking_steps, kind)


@few
@given(any_events(booking.Event))
def test_history_is_never_refused_not_even_one_that_nobody_would_write(
    history: list[booking.Event],
) -> None:
    assert isinstance(BOOKING.fold(history), booking.State)
