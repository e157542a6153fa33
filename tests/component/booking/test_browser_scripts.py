"""The pages' script in a browser: the end of a hold, a form that was stopped, what was typed."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import pytest
import uvicorn
from playwright.async_api import Browser, Request, Route

from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import PUBLIC_URL
from tests.e2e.browser import Attendee, attendee, chromium

# Which day has the focus, and whether there is one before and behind it in its week.
_PLACE = """() => {
  const cell = document.activeElement.closest("td");
  const has = (other) => Boolean(other && other.querySelector(".day"));
  const days = [...document.querySelectorAll(".day")];
  const place = days.indexOf(document.activeElement);
  return [place, has(cell.previousElementSibling), has(cell.nextElementSibling)];
}"""


@asynccontextmanager
async def serving_pages(service: BookingService) -> AsyncIterator[str]:
    """Serve this process of booking on a port of its own; return its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    assert service.booking.process.app is not None
    config = uvicorn.Config(
        service.booking.process.app, lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment, method-assign] # pytest's stay
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


async def on_a_held_time(
    vera: Attendee, anna: Organizer, free_times: FreeTimesServer
) -> list[Request]:
    """Hold a time; return the requests that the page makes from then on."""
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    await vera.open(f"{kind['url'].removeprefix(PUBLIC_URL)}?day={day(3)[:10]}&tz=UTC")
    await vera.pick(0)
    assert await vera.heading() == "Your details"
    requests: list[Request] = []
    vera.page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 -- it marks it
    return requests


async def test_at_the_end_of_a_hold_the_page_is_read_again_and_what_was_typed_stays(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    """The form was the answer of a POST: that is not sent once more."""
    async with (
        service.another_process(hold_seconds=12) as brief,
        serving_pages(brief) as base,
        attendee(browser, base) as vera,
    ):
        requests = await on_a_held_time(vera, anna, free_times)
        await vera.fill_attendee("Vera", "vera@nowhere")
        await vera.press("Book the meeting")
        assert await vera.page.get_by_label("Your e-mail address").input_value() == "vera@nowhere"
        await vera.fill_attendee("Vera Visitor", "vera@visitors.example")
        await vera.page.get_by_role("heading", name="no longer held").wait_for(timeout=30_000)
        sent = [(each.method, "/confirm" in each.url) for each in requests]
        await vera.press("Hold this time again")

        assert sent.count(("POST", True)) == 1
        assert await vera.heading() == "Your details"
        assert await vera.page.get_by_label("Your name").input_value() == "Vera Visitor"
        assert (
            await vera.page.get_by_label("Your e-mail address").input_value()
            == "vera@visitors.example"
        )


async def test_a_form_whose_sending_was_stopped_can_be_sent_again(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    async with serving_pages(service) as base, attendee(browser, base) as vera:
        await on_a_held_time(vera, anna, free_times)
        await vera.fill_attendee("Vera", "vera@visitors.example")
        stopped = asyncio.Event()

        async def stop(route: Route) -> None:
            await route.abort("aborted")  # as when the visitor stops loading
            stopped.set()

        await vera.page.route("**/confirm*", stop)
        await vera.page.get_by_role("button", name="Book the meeting").click(no_wait_after=True)
        await asyncio.wait_for(stopped.wait(), 15)
        await vera.page.unroute("**/confirm*")
        await vera.page.locator("button[aria-busy]").wait_for(state="detached")
        await vera.press("Book the meeting")

        assert await vera.heading() == "You are booked"


async def test_another_language_on_the_form_keeps_what_was_typed(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    async with serving_pages(service) as base, attendee(browser, base) as vera:
        await on_a_held_time(vera, anna, free_times)
        await vera.fill_attendee("Vera", "not yet an address")
        await vera.press("Dansk")

        assert await vera.heading() == "Dine oplysninger"
        assert await vera.page.get_by_label("Dit navn").input_value() == "Vera"
        assert (
            await vera.page.get_by_label("Din e-mailadresse").input_value() == "not yet an address"
        )


async def test_a_browser_that_blocks_cookies_books_on_a_public_page(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    async with serving_pages(service) as base, attendee(browser, base) as vera:

        async def forget(route: Route) -> None:
            await vera.context.clear_cookies()
            await route.continue_()

        await vera.page.route("**/*", forget)
        await on_a_held_time(vera, anna, free_times)
        await vera.fill_attendee("Vera", "vera@visitors.example")
        await vera.press("Book the meeting")

        assert await vera.heading() == "You are booked"
        assert "token=" in vera.page.url


async def test_the_days_are_one_tab_stop_and_arrow_keys_move_among_them(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3), day(10))
    path = kind["url"].removeprefix(PUBLIC_URL)
    async with serving_pages(service) as base, attendee(browser, base) as vera:
        await vera.open(f"{path}?day={day(3)[:10]}&tz=UTC")
        stop = vera.page.locator(".day[tabindex='0']")
        stops = await stop.count()
        await stop.focus()
        places = [await vera.page.evaluate(_PLACE)]
        for key in ("ArrowRight", "ArrowLeft", "Home", "End"):
            await vera.page.keyboard.press(key)
            places.append(await vera.page.evaluate(_PLACE))
        await vera.page.keyboard.press("PageDown")
        await vera.page.wait_for_url("**month=*")
        await vera.check_layout()

        assert 1 == stops
        assert 1 == await vera.page.locator(".day[tabindex='0']").count()
        assert "grid" == await vera.page.locator("[data-days]").get_attribute("role")
        (start, *_), (right, *_), (left, *_), home, end = places
        assert (start + 1, start) == (right, left)
        assert (False, False) == (home[1], end[2])
        assert await vera.page.evaluate("document.activeElement.classList.contains('day')")


async def test_the_number_to_call_is_asked_for_only_where_the_chosen_place_needs_it(
    service: BookingService, browser: Browser, anna: Organizer, free_times: FreeTimesServer
) -> None:
    room = {"kind": "in_person", "address": "Bridge Street 7"}
    call = {"kind": "phone", "who_calls": "organizer"}
    kind = await anna.meeting_type(locations=[room, call])
    offer(free_times, day(3))
    async with serving_pages(service) as base, attendee(browser, base) as vera:
        await vera.open(f"{kind['url'].removeprefix(PUBLIC_URL)}?day={day(3)[:10]}&tz=UTC")
        await vera.pick(0)
        number = vera.page.get_by_label("Your phone number")
        before = await number.is_visible()
        await vera.page.get_by_role("radio", name="By phone").check()

        assert (False, True) == (before, await number.is_visible())
        await vera.check_layout()
