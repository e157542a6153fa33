"""A page: what must hold in every history of random commands."""

from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import page
from services.booking.domain.online_meeting import OnlineMeeting
from services.booking.domain.page_email import EndEmailRequest, RequestEmail
from services.booking.domain.weekly_hours import WeeklyHours
from tests.builders import (
    ANNA,
    FIRST_BOOKING,
    profile,
)
from tests.histories import TimedCommands, any_events, few, is_reached, many, run_commands, steps

PAGE = page.DECIDER
HOUR = timedelta(hours=1)

page_steps = steps(
    *(
        st.just(lambda _, command=command: command)
        for command in (
            page.CreatePage(ANNA, profile()),
            page.ChangePage(profile(display_name="Anna B.")),
            page.PublishPage(),
            page.UnpublishPage(),
            page.RenewAddress("anna-of-bridges"),
            page.SetRegularHours(WeeklyHours(sat=(("10:00", "14:00"),))),
            page.SetOnlineMeeting(
                OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
            ),
            page.AllowPage(),
            page.DenyPage("ews_on"),
            page.DenyPage("licence"),
        )
    ),
    st.just(lambda at: RequestEmail(request_id=FIRST_BOOKING, expires_at=at + HOUR, at=at)),
    st.just(lambda at: EndEmailRequest(reason="withdrawn", at=at)),
)


@many
@given(page_steps)
def test_in_every_history_a_page_is_open_when_it_was_last_published_and_last_allowed(
    commands: TimedCommands,
) -> None:
    events = [event for _, event in run_commands(PAGE, commands)]
    switches = [e for e in events if isinstance(e, page.PagePublished | page.PageUnpublished)]
    answers = [e for e in events if isinstance(e, page.PageAllowed | page.PageDenied)]
    expected = switches[-1:] == [page.PagePublished()] and answers[-1:] == [page.PageAllowed()]

    assert expected == page.is_open(PAGE.fold(events))


@pytest.mark.parametrize("kind", get_args(page.Event))
def test_each_kind_of_event_is_in_some_random_history(kind: type) -> None:
    assert is_reached(PAGE, page_steps, kind)


@few
@given(any_events(page.Event))
def test_any_events_in_any_order_fold_to_a_state(
    history: list[page.Event],
) -> None:
    assert isinstance(PAGE.fold(history), page.State)
