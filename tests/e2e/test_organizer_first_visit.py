"""The first visit in a real browser: from signing in to a shared private link; and every page."""

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, Attendee, BrowserKind, Mouse, attendee, signed_in
from tests.e2e.client import StackClients

HOME = "/organizer"
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
LOOKS = (
    BROWSERS[0],
    BrowserKind("phone", Mouse(), width=360, settings={"color_scheme": "dark", "locale": "da-DK"}),
)


async def choose(user: Attendee, name: str) -> None:
    """Choose the second of two."""
    radio = user.page.get_by_role("radio", name=name)
    if user.way.name == "keyboard":
        first = user.page.get_by_role("radio", checked=True).first
        await first.focus()
        await user.page.keyboard.press("ArrowRight")
    else:
        await radio.check(force=True)
    assert await radio.is_checked()


async def value(user: Attendee, id_: str) -> str:
    return await user.page.locator(f"#{id_}").input_value()


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_a_newcomer_gets_from_the_sign_in_to_a_private_link_that_works(
    way: BrowserKind, browser: Browser, base: str
) -> None:
    name = f"organizer-40{BROWSERS.index(way)}"  # nobody else's: it has no page yet
    async with signed_in(browser, base, name, HOME, way) as user:
        if way.scripts:
            await user.page.wait_for_url("**tz=*")
        await user.check_layout()
        await user.press("Make my page")
        assert await user.heading() == "Your page's address"
        await user.press("Next")
        zone = await value(user, "time_zone")
        await user.press("Next")
        await user.press("Back")
        await user.press("Next")
        await user.press("Next")
        await way.input_method.write(
            user.page, user.page.get_by_label("Title", exact=True), "Advice"
        )
        await choose(user, "Only people to whom I give a link")
        await user.press("Next")
        await user.press("Publish and create a link")
        assert await user.heading() == "Your page is ready"
        link, page = await value(user, "link-url"), await value(user, "url")

    assert page.endswith(f"/with/{name}")
    assert zone == ("Asia/Tokyo" if way.scripts else "UTC")
    async with attendee(browser, base) as vera:
        await vera.page.goto(link)
        assert await vera.heading() == "Advice"


async def test_a_link_is_made_and_copied_by_one_press(
    browser: Browser, clients: StackClients, base: str
) -> None:
    organizer = await clients.organizer("organizer-85")
    kind = await organizer.meeting_type(visibility="private")
    async with signed_in(browser, base, "organizer-85", HOME) as user:
        await user.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
        await user.open(f"{HOME}/types/{kind['id']}/links")
        await user.press("New link")
        assert await user.reads("The link is created and copied")
        copied = await user.page.evaluate("navigator.clipboard.readText()")

        assert copied == await value(user, "link-url")


async def test_a_row_of_hours_is_added_without_closing_what_is_open(
    browser: Browser, clients: StackClients, base: str
) -> None:
    organizer = await clients.organizer("organizer-86")
    kind = await organizer.meeting_type()
    async with signed_in(browser, base, "organizer-86", HOME) as user:
        await user.open(f"{HOME}/types/{kind['id']}")
        await user.page.get_by_text("Hours", exact=True).first.click()
        await user.page.get_by_text("Questions", exact=True).first.click()
        await choose(user, "Other hours")
        await user.press("Add hours on Saturday")
        assert await user.page.locator("#sat-0-from").is_visible()
        assert await user.page.get_by_role("button", name="Add a question").is_visible()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_every_page_fits_and_is_accessible(
    look: BrowserKind, browser: Browser, clients: StackClients, base: str
) -> None:
    organizer = await clients.organizer("organizer-87")
    kind = await organizer.meeting_type(
        questions=[{"label": "Why?"}], reminders=[{"minutes_before": 60}]
    )
    private = await organizer.meeting_type(visibility="private")
    link = await organizer.link(private["id"], max_uses=None)
    pages = [
        "",
        "/types",
        "/types/new",
        f"/types/{kind['id']}",
        f"/types/{kind['id']}/share",
        f"/types/{kind['id']}/delete",
        f"/types/{kind['id']}/links",
        f"/types/{private['id']}/links",
        f"/links/{link['id']}",
        f"/links/{link['id']}/revoke",
        "/links",
        "/page",
        "/page/hours",
        "/page/renew",
        "/page/share",
        *(f"/welcome/{step}" for step in ("name", "zone", "hours", "type", "share")),
    ]
    async with signed_in(browser, base, "organizer-87", HOME, look) as user:
        for path in pages:
            assert await user.open(f"{HOME}{path}") == 200, path
            await user.page.evaluate(OPEN_ALL)
            await user.check_layout()
        await user.open(f"{HOME}/types/{private['id']}/preview")
