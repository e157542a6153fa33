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
