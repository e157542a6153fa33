"""Organizers in a real browser: one who answers and moves, one who is ill, one who offers times."""

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, BrowserKind, attendee, signed_in
from tests.e2e.client import BOOKING, Organizer, StackClients, after, wait_until
from tests.e2e.inbox import Inbox

BOOKINGS = "/organizer/bookings"


async def status(organizer: Organizer, booking: dict[str, Any]) -> dict[str, Any]:
    seen = await organizer.caller.get(f"{BOOKING}/bookings/{booking['id']}")
    assert seen.status_code == 200, seen.text
    found: dict[str, Any] = seen.json()
    return found


async def booked(
    clients: StackClients, kind: dict[str, Any], start: str, email: str
) -> dict[str, Any]:
    answer = await clients.visitor().book(kind["id"], start, email)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_a_request_is_approved_then_moved_and_edited(
    way: BrowserKind, browser: Browser, clients: StackClients, base: str
) -> None:
    name = f"organizer-5{BROWSERS.index(way)}"
    organizer = await clients.organizer(name)
    kind = await organizer.meeting_type(approval_required=True, title="Tea <script>")
    asked = await booked(clients, kind, after(3, 10), "vera@example.test")

    async with signed_in(browser, base, name, BOOKINGS, way) as user:
        assert await user.reads("Waiting for your answer")
        await user.press("Vera Visitor")
        assert await user.reads("There is nothing else on that day.")
        await user.press("Approve")
        assert await user.reads("Approved.")
        await user.press("Move")
        await user.press("Later:")
        await user.pick(0)
        await user.fill_reason("A strike of the trains")
        await user.press("Move the meeting")
        assert await user.reads("The meeting is moved.")
        await user.press("Edit the details")
        await way.input_method.write(
            user.page, user.page.get_by_label("Name", exact=True), "Vera V."
        )
        await user.press("Save")
        assert await user.heading() == "Vera V."
        await user.press("Show the steps and their rules")
        assert await user.reads("Steps of this booking")

    seen = await status(organizer, asked)
    assert ("confirmed", "Vera V.") == (seen["status"], seen["attendee"]["name"])
    assert seen["start"] != asked["start"]


@pytest.mark.parametrize("way", [BROWSERS[0], BROWSERS[3]], ids=lambda way: way.name)
async def test_who_is_ill_cancels_five_meetings_at_once_and_each_attendee_is_told(
    way: BrowserKind, browser: Browser, clients: StackClients, base: str, inbox: Inbox
) -> None:
    name = f"organizer-6{BROWSERS.index(way)}"
    organizer = await clients.organizer(name)
    kind = await organizer.meeting_type()
    emails = [f"attendee-{name}-{number}@example.test" for number in range(5)]
    made = [
        await booked(clients, kind, after(2, 8 + number), email)
        for number, email in enumerate(emails)
    ]

    async with signed_in(browser, base, name, BOOKINGS, way) as user:
        await user.press("Cancel several")
        await user.open(f"{BOOKINGS}/cancel-several?day={after(2)[:10]}")
        await user.fill_reason("I am ill")
        await user.press("Cancel the ticked meetings")
        said = await user.page.locator("main").inner_text()

    assert "5 of 5 meetings are cancelled" in said
    assert ["cancelled"] * 5 == [(await status(organizer, each))["status"] for each in made]
    for email in emails:

        async def told(address: str = email) -> bool:
            return any(mail.method == "CANCEL" for mail in await inbox.to(address))

        await wait_until(told, 30, f"the cancellation for {email}")


async def test_times_are_offered_and_whoever_gets_them_books_one(
    browser: Browser, clients: StackClients, base: str
) -> None:
    organizer = await clients.organizer("organizer-71")
    await organizer.meeting_type(title="Bridge talk")

    async with signed_in(browser, base, "organizer-71", BOOKINGS) as user:
        await user.press("Offer times")
        await user.page.locator("main").get_by_role("link", name="Offer times").first.click()
        card = user.page.locator(".card", has=user.page.get_by_text("Bridge talk")).first
        await card.get_by_role("link").first.click()
        await user.page.wait_for_load_state()
        await user.press("The next week")
        boxes = user.page.locator(".choices input[type=checkbox]")
        for number in (0, 3, 7):
            await boxes.nth(number).check(force=True)
        await user.page.get_by_label("Name (optional)").fill("Wim Walker")
        await user.page.get_by_label("E-mail address (optional)").fill("wim@walkers.example")
        await user.press("Write the text for the mail")
        assert await user.reads("The times are offered.")
        links = user.page.locator("#rich a")
        address = await links.nth(1).get_attribute("href")
        assert 3 == await links.count()
        assert address is not None
        async with attendee(browser, base) as wim:
            await wim.open(address)
            await wim.press("Continue with this time")
            await wim.fill_attendee("Wim Walker", "wim@walkers.example")
            await wim.press("Book the meeting")
        await user.page.reload()
        assert await user.reads("This offer is over")


async def test_why_a_time_is_not_offered_is_explained(
    browser: Browser, clients: StackClients, base: str
) -> None:
    organizer = await clients.organizer("organizer-72")
    kind = await organizer.meeting_type(title="Bridge talk", increment_minutes=30)
    await booked(clients, kind, after(3, 10), "vera@example.test")

    async with signed_in(browser, base, "organizer-72", BOOKINGS) as user:
        query = f"type={kind['id']}&day={after(3)[:10]}&time=11:05"
        await user.open(f"/organizer/why?{query}")
        assert await user.reads("is not offered")
        assert await user.reads("Stops it")
