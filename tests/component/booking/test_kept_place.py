"""Pages keep the place and everything that was typed, whatever comes between."""

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import httpx
import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import WHO, Visitor, browsing, heading, hold, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import PUBLIC_URL

MONTH_SECONDS = 30 * 24 * 3600


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    """Somebody in front of booking."""
    async with browsing(service) as client:
        yield Visitor(client)


def query_of(page: httpx.Response) -> dict[str, str]:
    """Return what the page's address asks for."""
    return {name: values[0] for name, values in parse_qs(page.url.query.decode()).items()}


def path_of(kind: dict[str, str]) -> str:
    """Return the address of the meeting type on its site."""
    return kind["url"].removeprefix(PUBLIC_URL)


async def test_an_address_in_other_letters_or_with_more_slashes_leads_to_the_page(
    anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type()
    visitor.http.follow_redirects = False
    right, written = f"/with/{anna.identity}", f"/with/{anna.identity.upper()}"

    leads = {
        typed: await visitor.open(typed)
        for typed in (
            written,
            f"{right}/",
            f"/with//{anna.identity}",
            f"{right}/{kind['slug'].upper()}/?day=2030-01-01",
            "/with/%2F%2Fevil.example/",
        )
    }
    home, found = await visitor.open("/"), await visitor.open(f"/with?handle={anna.identity}")

    assert [308] * 4 + [404] == [answer.status_code for answer in leads.values()]
    assert [right, right, right, f"{right}/{kind['slug']}?day=2030-01-01"] == [
        answer.headers.get("location") for answer in list(leads.values())[:4]
    ]
    assert (200, "Book a meeting") == (home.status_code, heading(home))
    assert (303, right) == (found.status_code, found.headers["location"])


async def test_choosing_another_time_returns_to_the_day_that_was_held(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(40))
    held = await hold(visitor, kind, day(40))

    back = await visitor.submit(held, "/release")

    assert (path_of(kind), day(40)[:10]) == (back.url.path, query_of(back)["day"])


async def test_moving_opens_at_the_month_of_the_meeting(
    service: BookingService,
    anna: Organizer,
    visitor: Visitor,
    free_times: FreeTimesServer,
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(40))
    offer(free_times, day(41))
    await visitor.open(booked["manage_url"])
    free_times.requests.clear()

    await visitor.open(f"/m/booking/{booked['id']}/move")

    assert [f"{day(40)[:7]}-01"] == [query["from"] for query, _ in free_times.requests]


async def test_a_hold_that_runs_out_keeps_what_was_typed_and_one_click_holds_again(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    async with service.another_process(hold_seconds=3) as brief, browsing(brief) as client:
        visitor = Visitor(client)
        held = await hold(visitor, kind, day(3))
        await brief.booking.rows("SELECT pg_sleep(3.05)")
        late = await visitor.submit(held, "/confirm", **WHO)
        again = await visitor.submit(late, path_of(kind))

    assert (409, "The time is no longer held for you") == (late.status_code, heading(late))
    assert (200, "Your details") == (again.status_code, heading(again))
    assert held.url.path != again.url.path
    assert f'value="{WHO["name"]}"' in again.text
    assert f'value="{WHO["email"]}"' in again.text


async def test_a_time_that_is_gone_when_it_is_confirmed_keeps_what_was_typed(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3), day(4))
    service.availability.rejections[anna.id] = ("inside_hours",)
    held = await hold(visitor, kind, day(3))
    refused = await visitor.submit(held, "/confirm", **WHO)
    service.availability.rejections.clear()

    other = await visitor.submit(refused, path_of(kind), start=day(4))

    assert 409 == refused.status_code
    assert "outside the hours" in refused.text
    assert f'value="{WHO["name"]}"' in other.text
    assert "Your details" == heading(other)


async def test_a_reason_stays_when_another_of_the_suggested_times_is_chosen(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    booked = await service.booked(kind, day(3))
    await service.booked(kind, day(4))
    offer(free_times, day(5))
    await visitor.open(booked["manage_url"])
    form = await visitor.open(f"/m/booking/{booked['id']}/move?start={day(4)}")

    refused = await visitor.submit(form, "/move", reason="The train\ncomes later")
    asked = await visitor.submit(refused, "/move", start=day(5))
    moved = await visitor.submit(asked, "/move", reason="The train\ncomes later")

    assert 409 == refused.status_code
    assert "Move the meeting?" == heading(asked)
    assert "The train\ncomes later</textarea>" in asked.text
    assert "Your meeting is moved" == heading(moved)
    assert day(5) == (await service.read(booked))["start"]


async def test_another_language_keeps_what_was_typed(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    offer(free_times, day(3))
    held = await hold(visitor, await anna.meeting_type(), day(3))

    shown = await visitor.submit(held, "/confirm", ask="da", name="Vera", email="ver")
    booked = await visitor.submit(shown, "/confirm", **WHO)

    assert (200, "Dine oplysninger") == (shown.status_code, heading(shown))
    assert 'value="Vera"' in shown.text
    assert 'value="ver"' in shown.text
    assert 'name="ask" value="en"' in shown.text
    assert '<html lang="da">' in booked.text


async def test_a_booked_meeting_can_be_looked_at_for_a_month_after_the_last_look(
    service: BookingService, anna: Organizer, visitor: Visitor
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    shown = await visitor.open(booked["manage_url"])

    again = await visitor.open(shown.url.path)

    for answer in (shown.history[0], shown, again):
        assert f"Max-Age={MONTH_SECONDS}" in answer.headers["set-cookie"]


class NoCookies(httpx.Cookies):
    """The cookies of a browser that blocks them: none."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""


async def test_a_browser_without_cookies_books_moves_and_cancels_on_a_public_page(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    visitor.http._cookies = NoCookies()
    kind = await anna.meeting_type()
    offer(free_times, day(3), day(4))

    held = await hold(visitor, kind, day(3))
    booked = await visitor.submit(held, "/confirm", **WHO)
    path = booked.url.path
    [to_move] = re.findall(rf'href="({path}/move[^"]*)"', booked.text)
    times = await visitor.open(html.unescape(to_move))
    token = query_of(booked)["token"]
    asked = await visitor.open(f"{path}/move?start={day(4)}&token={token}")
    moved = await visitor.submit(asked, "/move")
    [to_cancel] = re.findall(rf'href="({path}/cancel[^"]*)"', moved.text)
    cancelled = await visitor.submit(await visitor.open(html.unescape(to_cancel)), "/cancel")

    assert "Your details" == heading(held)
    assert "You are booked" == heading(booked)
    assert f'name="token" value="{token}"' in times.text
    assert "Your meeting is moved" == heading(moved)
    assert "This meeting is cancelled" == heading(cancelled)
    again = re.findall(r'href="(/with/[^"]*)"', cancelled.text)
    assert again
    assert not any("token" in address for address in again)


async def test_a_private_link_without_cookies_says_what_is_needed_and_holds_nothing(
    anna: Organizer, visitor: Visitor
) -> None:
    visitor.http._cookies = NoCookies()
    link = await anna.link(await anna.meeting_type(visibility="private"))

    shown = await visitor.open(link["url"])

    assert 404 == shown.status_code
    assert "allow them for this site" in shown.text


async def test_the_form_asks_for_a_number_where_the_organizer_calls(
    service: BookingService, anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type(location={"kind": "phone", "who_calls": "organizer"})
    offer(free_times, day(3))
    held = await hold(visitor, kind, day(3))

    without = await visitor.submit(held, "/confirm", **WHO)
    wrong = await visitor.submit(without, "/confirm", **WHO, phone="call me")
    booked = await visitor.submit(wrong, "/confirm", **WHO, phone="+45 12 34 56 78")
    [seen] = (await anna.body_of("GET", "/bookings"))["items"]

    assert 'name="phone"' in held.text
    assert [422, 422, 200] == [answer.status_code for answer in (without, wrong, booked)]
    assert 'href="#phone"' in without.text
    assert 'value="call me"' in wrong.text
    assert [("phone", "+45 12 34 56 78")] == [
        (each["question_id"], each["value"]) for each in seen["answers"]
    ]


async def test_a_move_that_is_given_up_later_says_why_on_the_booking(
    service: BookingService,
    no_waiting: BookingService,
    anna: Organizer,
    free_times: FreeTimesServer,
) -> None:
    """The answer came while the calendar was still being checked; the page is looked at again."""
    booked = await service.booked(await anna.meeting_type(), day(3))
    service.availability.silent.add(anna.id)
    async with browsing(no_waiting) as client:
        visitor = Visitor(client)
        await visitor.open(booked["manage_url"])
        form = await visitor.open(f"/m/booking/{booked['id']}/move?start={day(4)}")
        pending = await visitor.submit(form, "/move")
        reserved = await service.topics.one("booking.events.v1", anna.id, "SlotReserved", number=2)
        await service.availability.answer(reserved, "horizon")
        await service.wait_until(booked, pending_move=None)
        refused = await visitor.open(pending.headers["refresh"].partition("url=")[2])

    assert "is being checked" in pending.text
    assert "The meeting was not moved to" in refused.text
    assert "It is too far ahead." in refused.text
