"""Whatever people ask for, in whatever order: what must hold in every history."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    CancelBooking,
    CompleteReschedule,
    ConfirmBooking,
    ReleaseHold,
    RequestReschedule,
    ReserveSlot,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.limits import Limits
from services.booking.domain.private_link import (
    LinkExpired,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.refusals import Refusal
from services.booking.domain.slot import Notice, Slot
from tests.builders import (
    ANNA,
    COFFEE_LINK,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    THIRD_BOOKING,
    VISITOR,
    after,
    confirm,
    profile,
    reserve,
    terms,
)
from tests.builders import settings as type_settings
from tests.specification import Decider

PAGE = Decider(page.INITIAL, page.decide, page.evolve)
MEETING_TYPE = Decider(meeting_type.INITIAL, meeting_type.decide, meeting_type.evolve)
LINK = Decider(private_link.INITIAL, private_link.decide, private_link.evolve)
BOOKING = Decider(booking.INITIAL, booking.decide, booking.evolve)

# What is asked for at an instant, and how long after what was asked before it.
Asked = Callable[[datetime], Any]
Steps = SearchStrategy[list[tuple[int, Asked]]]
Told = list[tuple[datetime, Any]]

many = settings(max_examples=300, deadline=None)


def steps(*asked: SearchStrategy[Asked]) -> Steps:
    seconds = st.sampled_from([0, 0, 1, 1, 60, 299, 300, 3600])
    return st.lists(st.tuples(seconds, st.one_of(asked)), min_size=3, max_size=20)


def tell(decider: Decider[Any, Any, Any], asked: list[tuple[int, Asked]]) -> Told:
    """Ask in turn; return each event with its instant. Asking the same at once writes nothing."""
    state, at, told = decider.initial, NOW, Told()
    for seconds, command_at in asked:
        at += timedelta(seconds=seconds)
        command = command_at(at)
        try:
            events = decider.decide(state, command)
        except Refusal:
            continue
        told += [(at, event) for event in events]
        for event in events:
            state = decider.evolve(state, event)
        try:
            again = decider.decide(state, command)
        except Refusal:
            again = []

        assert again == []
    return told


def of_kind(told: Told, *kinds: type) -> list[Any]:
    return [event for _, event in told if isinstance(event, kinds)]


# Bookings

slots = st.sampled_from([1, 3, 6, 30]).map(lambda hour: Slot(after(hours=hour), after(hours=40)))
holds = st.sampled_from([60, 300, 1800]).map(lambda seconds: timedelta(seconds=seconds))
notices = st.sampled_from([Notice(0, 1440, 0), Notice(60, 300, 60), Notice(120, 1440, 120)])
parties = st.sampled_from(["attendee", "organizer"])
verdicts = st.sampled_from(["accepted", "accepted", "rejected", "pending"])
reasons = st.sampled_from(["timeout", "released", "rejected", "policy_disabled"])
mostly = st.sampled_from([True, True, True, False])

later_steps = steps(
    st.builds(
        lambda slot, hold, by, notice: (
            lambda at: ReserveSlot(ANNA, COFFEE_TYPE, COFFEE_LINK, slot, at + hold, by, notice, at)
        ),
        *(slots, holds, parties, notices),
    ),
    st.builds(
        lambda verdict, is_open: (
            lambda at: ConfirmBooking(VISITOR, terms(), verdict, (), is_open, at)
        ),
        *(verdicts, mostly),
    ),
    st.builds(
        lambda reason, slot: lambda at: ReleaseHold(reason, at, slot),
        *(reasons, st.none() | slots),
    ),
    st.builds(
        lambda slot, hold, by, notice, is_open: (
            lambda at: RequestReschedule(slot, at + hold, by, notice, is_open, at)
        ),
        *(slots, holds, parties, notices, mostly),
    ),
    st.builds(
        lambda slot, verdict, is_open: lambda at: CompleteReschedule(slot, verdict, is_open, at),
        *(slots, verdicts, mostly),
    ),
    st.builds(lambda by, notice: lambda at: CancelBooking(by, notice, at), *(parties, notices)),
)
# Most begin with a booking, since without one nearly all that follows is refused.
beginnings: list[list[tuple[int, Asked]]] = [
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
    asked: list[tuple[int, Asked]],
) -> None:
    told = tell(BOOKING, asked)
    events = [event for _, event in told]

    assert len(of_kind(told, BookingConfirmed)) <= 1
    assert not of_kind(told, BookingCancelled) or isinstance(events[-1], BookingCancelled)
    assert len(of_kind(told, BookingCancelled)) <= len(of_kind(told, BookingConfirmed))


@many
@given(booking_steps)
def test_the_sequence_counts_the_changes_from_zero(asked: list[tuple[int, Asked]]) -> None:
    changes = of_kind(tell(BOOKING, asked), BookingConfirmed, BookingRescheduled, BookingCancelled)

    assert list(range(len(changes))) == [change.ics_sequence for change in changes]


@many
@given(booking_steps)
def test_no_time_is_used_that_is_not_held_and_none_is_held_for_ever(
    asked: list[tuple[int, Asked]],
) -> None:
    """Follow the times as the store's claims do, from the events alone."""
    booked: Slot | None = None
    hold: SlotReserved | None = None
    for at, event in tell(BOOKING, asked):
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
def test_a_reschedule_leads_from_where_the_booking_was(asked: list[tuple[int, Asked]]) -> None:
    changes = of_kind(tell(BOOKING, asked), BookingConfirmed, BookingRescheduled)
    for before, moved in pairwise(changes):
        was = before.slot if isinstance(before, BookingConfirmed) else before.new

        assert was == moved.old
        assert was != moved.new


# Private links

bookings = st.sampled_from([FIRST_BOOKING, SECOND_BOOKING, THIRD_BOOKING])
limits = st.builds(
    lambda uses, hour: Limits(uses, after(hours=hour)),
    *(st.sampled_from([None, 1, 1, 2, 2, 0]), st.integers(1, 6)),
)


link_steps = steps(
    limits.map(lambda given_: lambda at: private_link.ChangeLink(given_, at)),
    *[bookings.map(lambda id_: lambda at: private_link.TakeUse(id_, at))] * 3,
    *[bookings.map(lambda id_: lambda at: private_link.ConsumeUse(id_, at))] * 3,
    bookings.map(lambda id_: lambda _: private_link.ReturnUse(id_)),
    st.just(private_link.ExpireLink),
    st.just(private_link.RevokeLink),
    st.just(lambda at: private_link.KillLink("type_deleted", at)),
)
issued_first = st.builds(
    lambda given_, later: [
        (0, lambda at: private_link.IssueLink(ANNA, COFFEE_TYPE, given_, at)),
        *later,
    ],
    *(limits, link_steps),
)


@many
@given(issued_first)
def test_a_link_is_never_used_more_often_than_allowed(asked: list[tuple[int, Asked]]) -> None:
    held, consumed, max_uses = set[Any](), set[Any](), None
    for _, event in tell(LINK, asked):
        match event:
            case PrivateLinkIssued(limits=now) | PrivateLinkChanged(limits=now):
                max_uses = now.max_uses
            case LinkUseTaken(id_):
                held.add(id_)
            case LinkUseReturned(id_):
                held.remove(id_)
            case LinkUseConsumed(id_):
                held.remove(id_)
                consumed.add(id_)

        assert max_uses is None or len(held) + len(consumed) <= max_uses


@many
@given(issued_first)
def test_a_link_ends_once_and_gives_no_use_from_then_on(asked: list[tuple[int, Asked]]) -> None:
    deadline, ended = NOW, None
    for at, event in tell(LINK, asked):
        match event:
            case PrivateLinkIssued(limits=now) | PrivateLinkChanged(limits=now):
                assert ended is None
                deadline = now.expires_at
            case LinkUseTaken():
                assert ended is None
                assert at < deadline
            case LinkUseConsumed():
                assert ended in (None, "ttl")
            case LinkExpired(_, reason, expired_at):
                assert ended is None
                assert expired_at <= min(at, deadline)
                ended = reason


# Pages and meeting types

page_steps = steps(
    *(
        st.just(lambda _, command=command: command)
        for command in (
            page.CreatePage(ANNA, profile()),
            page.ChangePage(profile(display_name="Anna B.")),
            page.PublishPage(),
            page.UnpublishPage(),
            page.RenewAddress("anna-of-bridges"),
            page.AllowPage(),
            page.DenyPage("ews_on"),
            page.DenyPage("licence"),
        )
    )
)


@many
@given(page_steps)
def test_a_page_is_open_when_it_was_last_published_and_last_allowed(
    asked: list[tuple[int, Asked]],
) -> None:
    events = [event for _, event in tell(PAGE, asked)]
    switches = [e for e in events if isinstance(e, page.PagePublished | page.PageUnpublished)]
    answers = [e for e in events if isinstance(e, page.PageAllowed | page.PageDenied)]
    expected = switches[-1:] == [page.PagePublished()] and answers[-1:] == [page.PageAllowed()]

    assert expected == page.is_open(PAGE.fold(events))


type_steps = steps(
    st.just(lambda _: meeting_type.CreateMeetingType(ANNA, "Europe/Copenhagen", type_settings())),
    st.sampled_from([5, 30, 45, 0]).map(
        lambda minutes: (
            lambda _: meeting_type.ChangeMeetingType(
                "Europe/Copenhagen", type_settings(duration_minutes=minutes)
            )
        )
    ),
    st.just(lambda _: meeting_type.DeleteMeetingType()),
)


@many
@given(type_steps)
def test_revisions_count_from_one_and_nothing_follows_the_end(
    asked: list[tuple[int, Asked]],
) -> None:
    events = [event for _, event in tell(MEETING_TYPE, asked)]
    whole = [e for e in events if not isinstance(e, meeting_type.MeetingTypeDeleted)]

    assert [each.revision for each in whole] == list(range(1, len(whole) + 1))
    assert len(events) - len(whole) <= 1
    assert whole == events[: len(whole)]


# Folding


@many
@given(st.data())
def test_history_is_never_refused_not_even_one_that_nobody_would_write(data: st.DataObject) -> None:
    for decider, module in (
        (PAGE, page),
        (MEETING_TYPE, meeting_type),
        (LINK, private_link),
        (BOOKING, booking),
    ):
        history = data.draw(st.lists(st.from_type(module.Event), max_size=6))

        assert isinstance(decider.fold(history), module.State)
