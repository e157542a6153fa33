"""Signing in and out in a real browser, at the local provider: two tabs, Back, every refusal."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.browser import BROWSERS, Attendee, BrowserKind, attendee
from tests.e2e.client import StackClients

CALLBACK = "/sign-in/callback?"


@asynccontextmanager
async def window(
    browser: Browser, base: str, way: BrowserKind = BROWSERS[0]
) -> AsyncIterator[Attendee]:
    """Open a browser window; each page of two services and the provider may take its time."""
    async with attendee(browser, base, way) as user:
        user.context.set_default_timeout(60_000)
        yield user


async def choose(page: Page, name: str) -> None:
    """Be this person, on the provider's page."""
    await page.wait_for_url("**/authorize?**")
    assert await page.locator("h1").inner_text() == "Who are you?"
    async with page.expect_navigation():
        await page.locator(f"button[value={name}]").click()


async def sign_out(page: Page) -> None:
    """Sign out here; the browser goes on to the provider by itself."""
    await page.get_by_role("button", name="Sign out").last.click()
    await page.wait_for_url("**/end_session?**")


async def follow(user: Attendee, name: str) -> None:
    """Follow the link, which leads to the provider."""
    async with user.page.expect_navigation():
        await user.page.get_by_role("link", name=name, exact=True).click()


async def at(user: Attendee) -> str:
    """Return where the user is; a page may have found out the browser's time zone by now."""
    return without_zone(user.page.url.removeprefix(user.base))


def without_zone(url: str) -> str:
    return re.sub(r"[?&]tz=[^&]*$", "", url)


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_an_organizer_signs_in_and_out_here_and_at_the_provider(
    way: BrowserKind, browser: Browser, base: str
) -> None:
    async with window(browser, base, way) as anna:
        await anna.page.goto(f"{base}/organizer?lang=en")
        await choose(anna.page, "anna")
        assert await at(anna) == "/organizer?lang=en"
        assert await anna.reads("anna@example.test")
        await anna.check_layout()

        await sign_out(anna.page)
        await anna.page.get_by_role("button", name="End session").click()
        assert await at(anna) == "/sign-out"
        assert await anna.heading() == "You are signed out"
        await anna.check_layout()

        await anna.page.goto(f"{base}/organizer")
        assert await anna.heading() == "Who are you?"


async def test_two_tabs_sign_in_at_once_and_signing_out_ends_both(
    browser: Browser, base: str
) -> None:
    async with window(browser, base) as anna:
        tab = await anna.context.new_page()
        await anna.page.goto(f"{base}/organizer?tab=1")
        await tab.goto(f"{base}/organizer?tab=2")
        await choose(tab, "anna")
        await choose(anna.page, "anna")
        assert await at(anna) == "/organizer?tab=1"
        assert without_zone(tab.url) == f"{base}/organizer?tab=2"

        await tab.goto(f"{base}/sign-out")
        await sign_out(tab)
        await anna.page.reload()
        assert await anna.heading() == "Who are you?"


async def test_back_to_the_provider_and_a_callback_used_twice_end_at_the_page(
    browser: Browser, base: str
) -> None:
    async with window(browser, base) as anna:
        callbacks: list[str] = []
        anna.page.on(
            "request", lambda sent: callbacks.append(sent.url) if CALLBACK in sent.url else None
        )
        await anna.page.goto(f"{base}/organizer")
        await choose(anna.page, "anna")
        await anna.page.go_back()
        await choose(anna.page, "anna")
        assert await at(anna) == "/organizer"

        await anna.page.goto(callbacks[0])
        assert await at(anna) == "/organizer"
        await anna.context.clear_cookies()
        await anna.page.goto(callbacks[0])
        assert await anna.heading() == "Who are you?"  # begun anew, and not as who it was


async def test_who_has_not_the_role_is_told_so_and_signs_in_as_somebody_else(
    browser: Browser, base: str
) -> None:
    async with window(browser, base) as otto:
        await otto.page.goto(f"{base}/organizer")
        await choose(otto.page, "otto")
        assert await otto.heading() == "Your account may not use this page"
        assert await otto.reads("You are signed in as Otto")
        await otto.check_layout()

        await follow(otto, "Sign in as somebody else")
        await choose(otto.page, "anna")
        assert await at(otto) == "/organizer"
        assert await otto.reads("anna@example.test")


async def test_who_does_not_want_to_sign_in_is_not_and_can_try_again(
    browser: Browser, base: str
) -> None:
    async with window(browser, base) as anna:
        await anna.page.goto(f"{base}/organizer")
        await anna.page.get_by_role("button", name="Do not sign in").click()
        assert await anna.heading() == "You were not signed in"
        await anna.check_layout()

        await follow(anna, "Sign in")
        await choose(anna.page, "anna")
        assert await at(anna) == "/organizer"


async def test_one_sign_in_serves_the_pages_of_all_services(
    browser: Browser, base: str, clients: StackClients
) -> None:
    policy = clients.stack.url("policy")
    async with window(browser, base) as ada:
        await ada.page.goto(f"{policy}/admin")
        await choose(ada.page, "ada")
        await ada.page.wait_for_url("**/admin?tz=**")  # a script finds the zone out
        assert without_zone(ada.page.url) == f"{policy}/admin"
        await ada.check_layout()

        await ada.page.goto(f"{base}/organizer")
        assert await ada.reads("ada@example.test")
        await sign_out(ada.page)
        await ada.page.goto(f"{policy}/admin")
        assert await ada.heading() == "Who are you?"
