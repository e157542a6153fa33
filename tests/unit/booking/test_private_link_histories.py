"""A private link: what must hold in every history of random commands."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import private_link
from services.booking.domain.private_link import (
    LinkExpired,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.private_link.limits import Limits
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    THIRD_BOOKING,
    after,
)
from tests.histories import TimedCommands, any_events, few, is_reached, many, run_commands, steps

LINK = private_link.DECIDER

bookings = st.sampled_from([FIRST_BOOKING, SECOND_BOOKING, THIRD_BOOKING])
limits = st.builds(
    lambda uses, hour: Limits(max_uses=uses, expires_at=after(hours=hour)),
    *(st.sampled_from([None, 1, 1, 2, 2, 0]), st.integers(1, 6)),
)


link_steps = steps(
    limits.map(lambda given_: lambda at: private_link.ChangeLink(limits=given_, at=at)),
    bookings.map(lambda id_: lambda at: private_link.TakeUse(id_, at)),
    bookings.map(lambda id_: lambda at: private_link.ConsumeUse(id_, at)),
    bookings.map(
        lambda id_: (
            lambda at: private_link.TakeUse(id_, at),
            lambda at: private_link.ConsumeUse(id_, at),
        )
    ),
    bookings.map(lambda id_: lambda _: private_link.ReturnUse(id_)),
    st.just(private_link.ExpireLink),
    st.just(private_link.RevokeLink),
    st.just(lambda at: private_link.EndLink("type_deleted", at)),
)
issued_first = st.builds(
    lambda given_, later: [
        (
            0,
            lambda at: private_link.IssueLink(
                organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=given_, at=at
            ),
        ),
        *later,
    ],
    *(limits, link_steps),
)


@many
@given(issued_first)
def test_in_every_history_a_link_is_used_at_most_as_often_as_allowed(
    commands: TimedCommands,
) -> None:
    held, consumed, max_uses = set[Any](), set[Any](), None
    for _, event in run_commands(LINK, commands):
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

        assert max_uses is None or len(consumed) <= max_uses
        assert max_uses is None or len(held) <= 12


@many
@given(issued_first)
def test_in_every_history_a_link_ends_once_and_gives_no_use_afterwards(
    commands: TimedCommands,
) -> None:
    deadline, ended = NOW, None
    for at, event in run_commands(LINK, commands):
        match event:
            case PrivateLinkIssued(limits=now) | PrivateLinkChanged(limits=now):
                assert ended is None
                deadline = now.expires_at
            case LinkUseTaken():
                assert ended is None
                assert at < deadline
            case LinkUseConsumed():
                assert ended in (None, "ttl")
            case LinkExpired(reason=reason, expired_at=expired_at):
                assert ended is None
                assert expired_at <= min(at, deadline)
                ended = reason


@pytest.mark.parametrize("kind", get_args(private_link.Event))
def test_each_kind_of_event_is_in_some_random_history(kind: type) -> None:
    assert is_reached(LINK, issued_first, kind)


@few
@given(any_events(private_link.Event))
def test_any_events_in_any_order_fold_to_a_state(
    history: list[private_link.Event],
) -> None:
    assert isinstance(LINK.fold(history), private_link.State)
