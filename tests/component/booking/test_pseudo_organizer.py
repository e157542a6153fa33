"""The organizers' pages, and the attendee's rarer ones, in a third language with longer words."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Route

from services.booking.web import wording
from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import browsing, offer, signed_in
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.organizer_desk import names_in_addresses
from tests.component.booking.test_organizer_hostile import PAGES
from tests.component.booking.test_pseudo_language import (
    CODE,
    OPEN,
    not_in_the_catalogue,
    third_language,
)
from tests.component.running import PUBLIC_URL
from tests.e2e.browser import chromium

__all__ = ["third_language"]  # a fixture of this module too

# Texts that people gave, and what is the same in every language.
DATA = (
    *("Tea and advice", "Which room?", "Any", "Bring a cup", "Bridge Street", "For Vera", "Vera"),
    *("@bridges.example", "http://bookwith.example/with/"),
    *("Copenhagen", "Europe", "Jitsi", "Microsoft Teams", "Google", "Outlook", "vera-link"),
)
# What is copied into a mail is in the language of its organizer; zones have names of places.
GIVEN = re.compile(
    r'<(textarea|div)[^>]*id="(?:rich|plain|signature)[^>]*>.*?</\1>'
    r"|<optgroup.*?</optgroup>",
    re.DOTALL,
)


# What may be scrolled sideways is meant to be: the tabs, and a table.
_WIDER = """() => {
  const scrolls = (each) => each && each !== document.body
    && (/auto|scroll/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
  return [...document.querySelectorAll("body, body *")]
    .filter((each) => !each.closest(".hidden, .skip, .keep, svg, option"))
    .filter((each) => !each.matches("input, select, textarea") && !scrolls(each))
    .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.outerHTML.slice(0, 140));
}"""


@pytest.fixture
async def shown(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> AsyncIterator[dict[str, httpx.Response]]:
    """Return each page that an organizer can open, by its template."""
    kind = await anna.meeting_type(
        title="Tea and advice",
        slug="tea",
        description="Bring a cup",
        location={"kind": "in_person", "address": "Bridge Street"},
        questions=[{"label": "Which room?", "kind": "choice", "choices": ["Any"]}],
        visibility="private",
        approval_required=True,
        weekly_hours={"mon": [["22:00", "02:00"]]},
        hours="custom",
    )
    person = {"name": "Vera Visitor", "email": "vera@visitors.example"}
    link = await anna.link(kind, label="For Vera", reference="vera-link", addressees=[person])
    used = await anna.link(kind)
    asked = {"attendee": vera()}
    booked = await service.held(kind, day(3), token=used["token"], **asked)
    offer(free_times, day(30))
    times = {"meeting_type_id": kind["id"], "starts": [day(30)]}
    offered = await anna.body_of("POST", "/offers", times)
    things = names_in_addresses(kind, link, booked, offered)
    async with signed_in(anna) as client:
        pages = {
            template: await client.get(f"{template.format(**things)}?lang={CODE}")
            for template in PAGES
        }
        yield {
            template: page
            for template, page in pages.items()
            if page.headers.get("content-type", "").startswith("text/html")
        }


async def test_organizers_pages_say_nothing_that_is_not_in_the_catalogue(
    shown: dict[str, httpx.Response], anna: Organizer
) -> None:
    locale = wording.reader_of(CODE, "").formats.locale
    dates = {
        word
        for names in (*locale.days["stand-alone"].values(), *locale.months["stand-alone"].values())
        for each in names.values()
        for word in (each, each.capitalize())
    }
    data = [*DATA, anna.identity, str(anna.profile["email"]), *sorted(dates, key=len, reverse=True)]
    found = {
        template: not_in_the_catalogue(GIVEN.sub("", page.text), *data)
        for template, page in shown.items()
        if not template.endswith("/steps")  # names the rules as the code does
    }

    assert len(shown) > 25
    assert all(OPEN in page.text for page in shown.values())
    assert {} == {template: texts for template, texts in found.items() if texts}


async def test_words_a_third_longer_are_not_cut_on_an_organizers_phone(
    service: BookingService, shown: dict[str, httpx.Response]
) -> None:
    async with chromium() as browser, browsing(service) as assets:
        cut = {template: await _cut(browser, assets, page.text) for template, page in shown.items()}

    assert {} == {template: found for template, found in cut.items() if found}


async def _cut(browser: Browser, assets: httpx.AsyncClient, text: str) -> list[str]:
    """Return what is wider than what holds it, with everything opened that can be."""
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()

    async def answer(route: Route) -> None:
        place = urlsplit(route.request.url).path
        if place == "/page":
            await route.fulfill(body=text, content_type="text/html; charset=utf-8")
            return
        found = await assets.get(place)
        headers = {"content-type": found.headers["content-type"]}
        await route.fulfill(status=found.status_code, body=found.content, headers=headers)

    await page.route("**/*", answer)
    await page.goto(f"{PUBLIC_URL}/page")
    await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found: list[str] = await page.evaluate(_WIDER)
    await context.close()
    return found
