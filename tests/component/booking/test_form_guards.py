"""The form of a held time against machines: too quick, a field that nobody sees."""

import asyncio

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, hold, offer
from tests.component.booking.conftest import FreeTimesServer


async def test_a_form_that_comes_back_at_once_is_shown_again_with_what_was_typed_and_then_taken(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    async with (
        service.another_process(form_minimum_seconds=1) as process,
        browsing(process) as client,
    ):
        visitor = Visitor(client)
        held = await hold(visitor, kind, day(3))
        at_once = await visitor.submit(held, "/confirm", **WHO)
        again_at_once = await visitor.submit(at_once, "/confirm", **WHO)
        await asyncio.sleep(1)  # what the test is about: a person takes a while
        booked = await visitor.submit(again_at_once, "/confirm", **WHO)

    for refused in (at_once, again_at_once):
        assert 422 == refused.status_code
        assert "That was very fast." in refused.text
        assert f'value="{WHO["name"]}"' in refused.text
    assert 200 == booked.status_code
    assert "BookingConfirmed" in await anna.events()


async def test_a_form_whose_hidden_field_is_filled_in_is_shown_again_with_it_empty(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    async with browsing(service) as client:
        visitor = Visitor(client)
        held = await hold(visitor, kind, day(3))
        refused = await visitor.submit(held, "/confirm", **WHO, more="cheap pills")
        confirmed = "BookingConfirmed" in await anna.events()
        booked = await visitor.submit(refused, "/confirm", **WHO)

    assert not confirmed
    assert 422 == refused.status_code
    assert "a field that nobody sees" in refused.text
    assert "cheap pills" not in refused.text
    assert heading(booked) != heading(refused)
    assert "BookingConfirmed" in await anna.events()


async def test_what_a_machine_is_trapped_by_is_out_of_the_way_of_people_and_browsers(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    """Out of sight, out of the order of the keyboard, not read aloud, not filled in."""
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    async with browsing(service) as client:
        held = await hold(Visitor(client), kind, day(3))
    around = held.text.partition('<div class="hidden" aria-hidden="true">')[2].partition("</div>")

    assert '<textarea id="more" name="more" tabindex="-1" autocomplete="off">' in around[0]
