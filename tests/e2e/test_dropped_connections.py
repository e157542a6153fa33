"""A connection that is dropped before the answer: nothing is doubled, and one can go on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from benchmarks.load import connect, post
from tests.component.booking.browsing import WHO, Visitor, heading
from tests.e2e.client import BOOKING, Organizer, StackClients, after, new_key, person, wait_until


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-32")


@pytest.fixture
async def browser(clients: StackClients) -> AsyncIterator[Visitor]:
    """A browser without scripts."""
    url = clients.stack.url("booking")
    async with httpx.AsyncClient(base_url=url, follow_redirects=True, trust_env=False) as client:
        yield Visitor(client)


async def drop(url: str, request: bytes) -> None:
    """Send the request, and close the connection without waiting for the answer."""
    connection = await connect(url)
    connection.transport.write(request)
    connection.close()


@asynccontextmanager
async def unheard(url: str, request: bytes) -> AsyncIterator[None]:
    """Send the request; its effect is waited for inside, and its answer is never looked at.

    Whoever closes at once may be cut off before the request is read: nothing is done then.
    """
    connection = await connect(url)
    connection.transport.write(request)
    try:
        yield
    finally:
        connection.close()


async def insisted(
    clients: StackClients, path: str, body: Any, headers: dict[str, str]
) -> httpx.Response:
    """Send the same request again, until the first one is done."""

    async def answered() -> httpx.Response | None:
        answer = await clients.client("booking").post(path, json=body, headers=headers)
        under_way = answer.json().get("type") == "/problems/request-in-progress"
        return None if under_way else answer

    found: httpx.Response = await wait_until(answered, 15, "an answer")
    return found


async def at(organizer: Organizer, start: str, status: str) -> list[dict[str, Any]]:
    """Return the organizer's bookings of that status at that time."""
    seen = await organizer.caller.get(f"{BOOKING}/bookings", status=status, limit=200)
    return [each for each in seen.json()["items"] if each["start"] == start]


async def test_a_reservation_and_a_confirmation_that_were_dropped_are_answered_under_their_keys(
    clients: StackClients, organizer: Organizer
) -> None:
    kind, start, url = await organizer.meeting_type(), after(16, 9), clients.stack.url("booking")
    key = {"Idempotency-Key": new_key()}
    asked = {"meeting_type_id": kind["id"], "start": start}
    await drop(url, post(f"{BOOKING}/bookings", asked, key))
    held = await insisted(clients, f"{BOOKING}/bookings", asked, key)
    again = await insisted(clients, f"{BOOKING}/bookings", asked, key)
    holding = await at(organizer, start, "held")

    path = f"{BOOKING}/bookings/{held.json()['id']}/confirm"
    body = {"attendee": person("dropped@example.test")}
    shown = {"Idempotency-Key": new_key(), "X-Manage-Token": held.json()["manage_token"]}
    await drop(url, post(path, body, shown))
    booked = await insisted(clients, path, body, shown)
    booked_again = await insisted(clients, path, body, shown)

    assert (201, held.content) == (held.status_code, again.content)
    assert [held.json()["id"]] == [each["id"] for each in holding]
    assert (200, "confirmed") == (booked.status_code, booked.json()["status"])
    assert booked.content == booked_again.content
    assert [held.json()["id"]] == [each["id"] for each in await at(organizer, start, "confirmed")]


async def test_a_hold_whose_answer_was_lost_can_be_released(
    clients: StackClients, organizer: Organizer
) -> None:
    kind, start = await organizer.meeting_type(), after(17, 9)
    key, asked = {"Idempotency-Key": new_key()}, {"meeting_type_id": kind["id"], "start": start}
    await drop(clients.stack.url("booking"), post(f"{BOOKING}/bookings", asked, key))
    held = (await insisted(clients, f"{BOOKING}/bookings", asked, key)).json()
    released = await clients.visitor().change(held, "release")

    assert (200, "released") == (released.status_code, released.json()["status"])
    assert [] == await at(organizer, start, "held")


def form(browser: Visitor, page: httpx.Response, place: str, **typed: str) -> bytes:
    """Return the form of the page as the browser would send it."""
    action, fields = browser.form(page, place, **typed)
    content = urlencode(fields)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    head = (
        f"POST {action} HTTP/1.1\r\nHost: {page.url.netloc.decode()}\r\nCookie: {cookies}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return (head + content).encode()


async def test_a_form_whose_answer_was_lost_is_sent_again_and_books_once(
    clients: StackClients, organizer: Organizer, browser: Visitor
) -> None:
    kind, start, url = await organizer.meeting_type(), after(18, 9), clients.stack.url("booking")
    place = httpx.URL(kind["url"]).path
    chosen = await browser.open(f"{place}?day={start[:10]}")
    async with unheard(url, form(browser, chosen, place, start=start)):
        await wait_until(lambda: at(organizer, start, "held"), 10, "the hold")
    held = await browser.submit(chosen, place, start=start)
    holding = await at(organizer, start, "held")

    async with unheard(url, form(browser, held, "/confirm", **WHO)):
        await wait_until(lambda: at(organizer, start, "confirmed"), 10, "the booking")
    sent_again = await browser.submit(held, "/confirm", **WHO)

    assert (200, "Your details") == (held.status_code, heading(held))
    assert 1 == len(holding)
    assert (200, "You are booked") == (sent_again.status_code, heading(sent_again))
    assert 1 == len(await at(organizer, start, "confirmed"))
