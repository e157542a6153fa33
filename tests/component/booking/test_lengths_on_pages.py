"""A meeting of several lengths: one is chosen before the date, and the meeting has it."""

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import PUBLIC_URL

_LENGTHS = re.compile(r'<a class="choice" href="([^"]*)"[^>]*?( aria-current="true")?>([^<]*)</a>')


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


async def test_a_visitor_chooses_a_length_and_keeps_it_on_the_way(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(durations_minutes=[30, 60])
    offer(free_times, day(3), day(4))

    first = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    lengths = {words: html.unescape(href) for href, _, words in _LENGTHS.findall(first.text)}
    longer = await visitor.open(lengths["1 h"])
    held = await visitor.choose(kind["url"].removeprefix(PUBLIC_URL), day(3), on=longer)
    given_back = await visitor.submit(held, "/release")
    again = await visitor.choose(kind["url"].removeprefix(PUBLIC_URL), day(3), on=given_back)
    booked = await visitor.submit(again, "/confirm", **WHO)
    [seen] = (await anna.body_of("GET", "/bookings"))["items"]

    assert ["30 min", "1 h"] == list(lengths)
    assert ("60", "60") == (longer.url.params["minutes"], given_back.url.params["minutes"])
    assert "60" == free_times.requests[-1][0]["duration_minutes"]
    assert "You are booked" == heading(booked)
    length = datetime.fromisoformat(seen["end"]) - datetime.fromisoformat(seen["start"])
    assert timedelta(hours=1) == length


@pytest.mark.parametrize("minutes", ["45", "0", "-1", "many", "99999999999999999999"])
async def test_a_length_that_is_none_is_the_first(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer, minutes: str
) -> None:
    kind = await anna.meeting_type(durations_minutes=[30, 60])
    offer(free_times, day(3))

    shown = await visitor.open(f"{kind['url']}?minutes={minutes}")
    [chosen] = [words for _, current, words in _LENGTHS.findall(shown.text) if current]

    assert (200, "30 min") == (shown.status_code, chosen)
