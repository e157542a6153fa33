"""The attendee pages in a real browser: the whole journey in every way, and what goes wrong."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, BrowserKind, attendee, chromium
from tests.e2e.client import BOOKING, Organizer, StackClients, wait_until
from tests.e2e.inbox import Inbox

VERA = "Vera <i>Visitor</i>"


@dataclass(frozen=True, slots=True)
class Offer:
    """A private meeting type of one organizer, with a link to it."""

    organizer: Organizer
    kind: dict[str, Any]

    async def link(self, **wanted: Any) -> dict[str, Any]:
        """Issue a link, single use by default."""
        return await self.organizer.link(self.kind["id"], **{"max_uses": 1, **wanted})


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
async def offer(clients: StackClients) -> Offer:
    organizer = await clients.organizer("organizer-31")
    kind = await organizer.meeting_type(
        visibility="private", title="Tea <script>", description="First line\n<b>second</b> line"
    )
    return Offer(organizer, kind)


@pytest.fixture
def base(clients: StackClients) -> str:
    return clients.stack.url("booking")


async def events_of(offer: Offer, booking_id: str) -> dict[str, Any]:
    seen = await offer.organizer.caller.get(f"{BOOKING}/bookings/{booking_id}")
    assert seen.status_code == 200, seen.text
    found: dict[str, Any] = seen.json()
    return found


def booking_in(url: str) -> str:
    found = re.search(r"/m/booking/([0-9a-f-]{36})", url)
    assert found, url
    return found[1]


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_the_journey_from_a_private_link_to_the_cancelled_meeting(
    way: BrowserKind, browser: Browser, offer: Offer, base: str, inbox: Inbox
) -> None:
    link, email = await offer.link(), f"vera-{uuid4().hex[:8]}@example.test"
    async with attendee(browser, base, way) as vera:
        assert await vera.open(link["url"]) == 200
        assert link["token"] not in vera.page.url
        assert await vera.heading() == "Tea <script>"
        zone = "America/New York" if way.scripts else "Europe/Copenhagen"
        assert await vera.reads(zone)

        await vera.choose_day(2)
        await vera.pick(3)
        assert await vera.heading() == "Your details"
        held = await vera.fact("When")
        await vera.fill_attendee(VERA, email)
        await vera.press("Book the meeting")
        assert await vera.heading() == "You are booked"
        assert await vera.fact("When") == held
        assert await vera.fact("Booked by") == f"{VERA} ({email})"
        booked = await events_of(offer, booking_in(vera.page.url))
        assert (booked["status"], booked["attendee"]["email"]) == ("confirmed", email)

        await vera.press("Move")
        await vera.choose_day(4)
        await vera.pick(1)
        moved_to = await vera.fact("New time")
        await vera.fill_reason("The train\ncomes later" if way.name != "keyboard" else "Later")
        await vera.press("Move the meeting")
        assert await vera.heading() == "Your meeting is moved"
        assert await vera.fact("When") == moved_to != held

    mails = await wait_until(lambda: _mails(inbox, email, 2), 30, "the mail about the move")
    found = re.search(r"http\S+/m/bwm_[\w-]+", mails[-1].text)
    assert found
    async with attendee(browser, base, way) as vera:
        assert await vera.open(found[0]) == 200
        assert "bwm_" not in vera.page.url
        assert await vera.heading() == "Your meeting"
        await vera.press("Cancel the meeting")
        await vera.fill_reason("Ill")
        await vera.press("Cancel the meeting")
        assert await vera.heading() == "This meeting is cancelled"

    ended = await events_of(offer, booked["id"])
    assert (ended["status"], ended["change_reason"]) == ("cancelled", "Ill")


async def _mails(inbox: Inbox, email: str, count: int) -> list[Any] | None:
    mails = await inbox.to(email)
    return mails if len(mails) >= count else None


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_the_page_of_a_link_that_has_ended_says_why_and_nothing_about_the_organizer(
    way: BrowserKind, browser: Browser, offer: Offer, base: str
) -> None:
    link = await offer.link()
    gone = await offer.organizer.caller.send("DELETE", f"{BOOKING}/links/{link['id']}")
    assert gone.status_code == 204
    async with attendee(browser, base, way) as vera:
        assert await vera.open(link["url"]) == 410
        assert await vera.heading() == "This link no longer works"
        assert await vera.reads("It has been withdrawn")
        assert offer.organizer.email not in await vera.page.content()


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_a_visitor_whose_time_was_taken_picks_one_of_the_nearest_times(
    way: BrowserKind, browser: Browser, offer: Offer, base: str
) -> None:
    link = await offer.link(max_uses=None)
    faster = replace(BROWSERS[0], scripts=way.scripts)  # both see the same zone
    async with attendee(browser, base, faster) as bo, attendee(browser, base, way) as vera:
        await vera.open(link["url"])
        await vera.choose_day(6)
        await bo.open(link["url"])
        await bo.choose_day(6)
        await bo.pick(5)
        assert await bo.heading() == "Your details"

        await vera.pick(5)
        assert await vera.heading() == "That time was just taken"
        assert await vera.times().count() > 1
        await vera.pick(0)
        assert await vera.heading() == "Your details"
        await vera.press("Choose another time")
        await bo.press("Choose another time")
        assert await bo.heading() == "Tea <script>"


async def test_going_back_releases_the_time_and_returns_the_links_use(
    browser: Browser, offer: Offer, base: str
) -> None:
    link = await offer.link()
    async with attendee(browser, base) as vera:
        await vera.open(link["url"])
        await vera.choose_day(1)
        await vera.pick(2)
        first = booking_in(vera.page.url)

        # By the browser's own button the time stays held, and is shown as theirs.
        await vera.page.go_back()
        await vera.check_layout()
        assert await vera.reads("You are holding")
        await vera.pick(4)
        second = booking_in(vera.page.url)
        assert await vera.heading() == "Your details"

        await vera.press("Choose another time")
        assert await vera.heading() == "Tea <script>"
        seen = await offer.organizer.caller.get(f"{BOOKING}/links/{link['id']}")

    assert first != second
    assert (await events_of(offer, first))["release_reason"] == "released"
    assert (await events_of(offer, second))["release_reason"] == "released"
    assert seen.json()["state"] == "active"


async def test_a_fault_is_shown_at_its_field_and_the_typed_text_stays(
    browser: Browser, offer: Offer, base: str
) -> None:
    link = await offer.link()
    async with attendee(browser, base) as vera:
        await vera.open(link["url"])
        await vera.pick(0)
        await vera.fill_attendee("Vera", "vera@nowhere")  # an address to browsers, none to mail
        await vera.press("Book the meeting")
        email = vera.page.get_by_label("Your e-mail address")

        assert await email.get_attribute("aria-invalid") == "true"
        assert await email.input_value() == "vera@nowhere"
        assert await vera.page.get_by_label("Your name").input_value() == "Vera"
        await vera.press("Choose another time")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page, as a program sends it."""

    action: str
    fields: dict[str, str]
    starts: list[str]

    @classmethod
    def on(cls, html: str, base: str, path: str) -> "Form":
        """Find the form that posts to the path."""
        found = re.search(
            rf'<form method="post" action="({re.escape(path)}[^"]*)".*?</form>', html, re.DOTALL
        )
        assert found, html
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0])
        starts = re.findall(r'name="start" value="([^"]*)"', found[0])
        return cls(base + found[1], dict(hidden), starts)


@pytest.fixture
async def visitor(base: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client:
        yield client


async def times_behind(visitor: httpx.AsyncClient, link: dict[str, Any], base: str) -> Form:
    """Open the link; return the form of a day with all its times: today has few in the evening."""
    await visitor.get(link["url"], follow_redirects=True)
    path, day = f"/p/link/{link['id']}", (datetime.now(UTC) + timedelta(days=3)).date()
    shown = await visitor.get(path, params={"day": day.isoformat()})
    return Form.on(shown.text, base, path)


async def test_a_form_sent_five_times_at_once_makes_one_booking(
    visitor: httpx.AsyncClient, offer: Offer, base: str
) -> None:
    link = await offer.link()
    form = await times_behind(visitor, link, base)
    sent = {**form.fields, "start": form.starts[0]}
    answers = await asyncio.gather(*(visitor.post(form.action, data=sent) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1


async def test_reading_every_address_of_a_booking_changes_nothing(
    visitor: httpx.AsyncClient, offer: Offer, base: str
) -> None:
    link = await offer.link()
    form = await times_behind(visitor, link, base)
    held = await visitor.post(form.action, data={**form.fields, "start": form.starts[3]})
    id_ = booking_in(held.headers["location"])
    path = f"/m/booking/{id_}"
    details = Form.on((await visitor.get(path)).text, base, f"{path}/confirm")
    who = {"name": "Vera", "email": "vera@example.test"}
    done = await visitor.post(details.action, data={**details.fields, **who})
    assert done.status_code == 303, done.text
    before = await events_of(offer, id_)
    for part in ("", "/move", "/cancel", "/confirm", "/release", "/invite.ics"):
        for method in ("GET", "HEAD"):
            await visitor.request(method, path + part, params={"start": form.starts[5]})

    assert await events_of(offer, id_) == before


async def test_a_booking_is_changed_by_its_own_forms_only(
    visitor: httpx.AsyncClient, offer: Offer, base: str
) -> None:
    link = await offer.link()
    form = await times_behind(visitor, link, base)
    held = await visitor.post(form.action, data={**form.fields, "start": form.starts[7]})
    id_ = booking_in(held.headers["location"])
    path = f"/m/booking/{id_}"
    release = Form.on((await visitor.get(path)).text, base, f"{path}/release")
    foreign = await visitor.post(release.action, data={"form": form.fields["form"]})
    without = await visitor.post(release.action)
    async with httpx.AsyncClient(base_url=base, trust_env=False) as stranger:
        hidden = await stranger.get(path)
        refused = await stranger.post(release.action, data=release.fields)

    assert (foreign.status_code, without.status_code) == (403, 422)
    assert (hidden.status_code, refused.status_code) == (404, 404)
    assert (await events_of(offer, id_))["status"] == "held"
    assert (await visitor.post(release.action, data=release.fields)).status_code == 303


async def test_an_unpublished_page_looks_like_an_unknown_one(
    clients: StackClients, base: str
) -> None:
    closed = await clients.organizer("organizer-32")
    await closed.caller.send("POST", f"{BOOKING}/page/unpublish")
    async with httpx.AsyncClient(base_url=base, trust_env=False) as visitor:
        unpublished = await visitor.get("/with/organizer-32")
        unknown = await visitor.get("/with/nobody-at-all")

    assert (unpublished.status_code, unknown.status_code) == (404, 404)
    assert unpublished.text.replace("organizer-32", "nobody-at-all") == unknown.text


async def test_pages_are_not_cached_and_load_nothing_from_other_sites(
    visitor: httpx.AsyncClient, offer: Offer
) -> None:
    link = await offer.link()
    moved = await visitor.get(link["url"])
    shown = await visitor.get(moved.headers["location"])

    assert moved.status_code == 303
    for cookie in moved.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert f"Path=/p/link/{link['id']}" in cookie
    for answer in (moved, shown):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "Tea &lt;script&gt;" in shown.text
    assert "First line\n&lt;b&gt;second&lt;/b&gt; line" in shown.text
    assert link["token"] not in shown.text
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", shown.text)
