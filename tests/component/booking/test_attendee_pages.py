"""Attendee pages in unusual cases: a replaced time, an expired hold, no answer of availability."""

from collections.abc import AsyncIterator

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import BookingService, Organizer, day, problem
from tests.component.booking.browsing import Visitor, browsing, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import PUBLIC_URL


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody in front of booking."""
    async with browsing(service) as client:
        yield Visitor(client)


async def test_choosing_another_time_holds_it_and_releases_the_one_held_before(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    """Through a single-use link: the use goes over from one hold to the next."""
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=1)
    offer(free_times, day(3), day(3, 10, 15))
    shown = await visitor.open(f"{link['url']}?day={day(3)[:10]}")

    first = await visitor.choose(link["url"], day(3), on=shown)
    second = await visitor.choose(link["url"], day(3, 10, 15), on=shown)
    booked = await visitor.submit(second, "/confirm", name="Vera", email="vera@visitors.example")

    assert [200, 200, 200] == [answer.status_code for answer in (first, second, booked)]
    assert first.url.path != second.url.path
    events = await anna.events()
    assert ["SlotReleased", "LinkUseReturned", "LinkUseTaken", "SlotReserved"] == events[-7:-3]
    assert ["BookingConfirmed", "LinkUseConsumed", "LinkExpired"] == events[-3:]


async def test_choosing_a_taken_time_is_refused_and_the_held_time_stays_held(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3), day(4))
    shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    held = await visitor.choose(kind["url"], day(3), on=shown)
    await service.booked(kind, day(4))

    refused = await visitor.choose(kind["url"], day(4), on=shown)
    again = await visitor.open(kind["url"])

    assert 409 == refused.status_code
    assert "just taken" in refused.text
    assert "You are holding" in again.text
    assert (409, "slot-taken") == problem(await service.reserve(kind, day(3)))
    assert "SlotReleased" not in await anna.events()
    assert 200 == (await visitor.open(held.url.path)).status_code


async def test_the_page_of_a_hold_past_its_deadline_says_so_and_links_to_the_free_times(
    short_holds: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    async with browsing(short_holds) as client:
        visitor = Visitor(client)
        shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
        held = await visitor.choose(kind["url"], day(3), on=shown)
        await short_holds.booking.rows("SELECT pg_sleep(0.35)")

        late = await visitor.submit(held, "/confirm", name="Vera", email="vera@visitors.example")
        looked = await visitor.open(held.url.path)

    assert (409, 200) == (late.status_code, looked.status_code)
    for page in (late, looked):
        assert "The time is no longer held for you" in page.text
        assert f'href="{kind["url"].removeprefix(PUBLIC_URL)}' in page.text
    assert "BookingConfirmed" not in await anna.events()


async def test_a_faulty_form_is_shown_again_with_the_fault_and_what_was_typed(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    held = await visitor.choose(kind["url"], day(3), on=shown)

    refused = await visitor.submit(
        held, "/confirm", name="Vera <b>Visitor</b>", email="vera at home"
    )
    booked = await visitor.submit(refused, "/confirm", name="Vera", email="vera@visitors.example")

    assert 422 == refused.status_code
    assert 'href="#email"' in refused.text
    assert 'value="vera at home"' in refused.text
    assert "Vera &lt;b&gt;Visitor" in refused.text
    assert 200 == booked.status_code


async def test_when_availability_does_not_answer_the_page_says_so_and_offers_to_try_again(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    async with (
        service.another_process(availability_url="http://127.0.0.1:9") as other,
        browsing(other) as client,
    ):
        shown = await Visitor(client).open(kind["url"])

    assert 200 == shown.status_code
    assert "The free times cannot be shown right now" in shown.text
    assert "Try again" in shown.text


async def test_a_link_to_an_unpublished_page_is_suspended_until_the_page_is_published(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=1)

    await anna.body_of("POST", "/page/unpublish")
    suspended = await visitor.open(link["url"])
    await anna.body_of("POST", "/page/publish")
    resumed = await visitor.open(link["url"])
    await anna.body_of("DELETE", f"/links/{link['id']}")
    ended = await visitor.open(link["url"])

    assert [403, 200, 410] == [answer.status_code for answer in (suspended, resumed, ended)]
    assert "This link does not work at the moment" in suspended.text


async def test_a_form_without_its_own_key_is_refused_and_changes_nothing(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    shown = await visitor.open(f"{kind['url']}?day={day(3)[:10]}")
    held = await visitor.choose(kind["url"], day(3), on=shown)
    typed = {"name": "Vera", "email": "vera@visitors.example"}

    forged = [
        await visitor.http.post(f"{held.url.path}/{act}", data={**typed, **key})
        for act in ("confirm", "release", "cancel", "move")
        for key in ({}, {"form": "bwf_forged"})
    ]

    assert {403} == {answer.status_code for answer in forged}
    assert await service.topics.kinds(BOOKING_EVENTS, anna.id, "SlotReserved")
    assert not {"BookingConfirmed", "SlotReleased"} & set(await anna.events())
