"""Sign-in in Chromium, at the local provider: cookies, tabs, Back, a form of an ended session."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from fastapi import APIRouter, Request
from playwright.async_api import Browser, BrowserContext, Page
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.chassis.http.application import create_app
from services.chassis.http.connections import Connections
from services.chassis.http.form_fields import fields_of
from services.chassis.http.server import HttpServer
from services.chassis.identity.form_keys import check_session, session_key
from services.chassis.identity.provider import Provider
from services.chassis.identity.sessions import Sessions
from services.chassis.sign_in.cookies import SetCookies
from services.chassis.sign_in.setup import SignIn, sign_in_of
from services.chassis.web import asset_routes
from services.chassis.web.page_headers import PAGE_HEADERS
from services.policy.web.rendering import show_notice
from tests.component.openid_mock import openid_mock
from tests.e2e.browser import chromium
from tests.unit.chassis.signing_in import KEYS, NAMESPACE, ROLES, settings_of

IDLE = timedelta(hours=2)
SESSION = "__Host-bw_session"
SLOW = 60_000  # milliseconds; the machine may have other work
NOTE = "Coffee, then <b>tea</b>\nand ærter"


@dataclass(slots=True)
class Site:
    """A site with a form behind the sign-in; keeps what was saved."""

    address: str
    issuer: str
    saved: list[str]


def pages(sign_in: SignIn, saved: list[str]) -> APIRouter:
    """Return a first page with a button that signs out, and a form."""
    routes = APIRouter()

    @routes.get("/organizer")
    async def start(request: Request) -> Response:
        who = await sign_in.gate.person(request, ROLES)
        key = session_key(KEYS, who, "sign-out")
        return _page(
            f"<h1>{escape(who.name)}</h1>{_form('/sign-out', key, '<button>Sign out</button>')}"
        )

    @routes.get("/organizer/note")
    async def note(request: Request) -> Response:
        who = await sign_in.gate.person(request, ROLES)
        typed = (sign_in.gate.draft(request, who) or {}).get("note", "")
        field = f"<textarea name=note>\n{escape(typed)}</textarea><button>Save</button>"
        key = session_key(KEYS, who, "note")
        return _page(f"<h1>Note</h1>{_form('/organizer/note', key, field)}")

    @routes.post("/organizer/note")
    async def save(request: Request) -> Response:
        who = await sign_in.gate.person(request, ROLES)
        fields = await fields_of(request)
        check_session(KEYS, fields, who, "note")
        saved.append(fields["note"])
        return RedirectResponse("/organizer", 303)

    return routes


def _form(action: str, key: str, inside: str) -> str:
    hidden = f'<input type=hidden name=form value="{key}">'
    return f'<form method=post action="{action}">{hidden}{inside}</form>'


def _page(body: str) -> Response:
    return HTMLResponse(f"<!doctype html><title>Test</title>{body}", headers=PAGE_HEADERS)


@asynccontextmanager
async def served(issuer: str) -> AsyncIterator[Site]:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    source, saved = Provider(issuer), list[str]()
    said = settings_of(public_url=address, own_url=address, oidc_client_secret="local")
    sign_in = sign_in_of(said, KEYS, source, show_notice, home="/organizer")

    async def nothing() -> None:
        return None

    app = create_app(
        "test",
        routers=[pages(sign_in, saved), sign_in.routes, asset_routes.routes],
        required={},
        wanted={},
        refresh_metrics=nothing,
        refusals=sign_in.answers,
        public_url=address,
    )
    server = HttpServer(SetCookies(app), Connections(100))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield Site(address, issuer, saved)
    server.should_exit = True
    await serving
    await source.close()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    with openid_mock(tmp_path_factory.mktemp("oidc")) as issuer:
        async with served(issuer) as started:
            yield started


@pytest.fixture
async def window(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-GB")
    context.set_default_timeout(SLOW)
    yield context
    await context.close()


async def choose(page: Page, name: str) -> None:
    """Be this person, on the provider's page."""
    assert await page.locator("h1").inner_text() == "Who are you?"
    async with page.expect_navigation():
        await page.locator(f"button[value={name}]").click()


async def signed_in(window: BrowserContext, site: Site, path: str, name: str = "anna") -> Page:
    """Return a tab in which the person has signed in on the way to the page."""
    page = await window.new_page()
    await page.goto(site.address + path)
    await choose(page, name)
    assert page.url == site.address + path
    return page


async def heading(page: Page) -> str:
    return await page.locator("h1").inner_text()


async def let_session_end(window: BrowserContext) -> None:
    """Set the session back: nobody has used it for two hours."""
    sessions = Sessions(KEYS, NAMESPACE, idle=IDLE, absolute=timedelta(hours=12))
    for cookie in await window.cookies():
        if cookie["name"] == SESSION:
            live = sessions.unsealed(cookie["value"])
            assert live is not None
            over = sessions.sealed(replace(live, used_at=datetime.now(UTC) - IDLE))
            await window.add_cookies([{**cookie, "value": over}])  # type: ignore[typeddict-item] # the fields are the same


async def test_chromium_keeps_the_cookies_and_hides_them_from_scripts(
    window: BrowserContext, site: Site
) -> None:
    page = await signed_in(window, site, "/organizer")
    cookies = await window.cookies()

    assert {"__Host-bw_session", "__Host-bw_sign_in"} == {cookie["name"] for cookie in cookies}
    assert {(True, True, "Lax", "/")} == {
        (each["secure"], each["httpOnly"], each["sameSite"], each["path"]) for each in cookies
    }
    assert await page.evaluate("document.cookie") == ""


async def test_two_tabs_sign_in_at_once_and_signing_out_ends_both(
    window: BrowserContext, site: Site
) -> None:
    one, other = await window.new_page(), await window.new_page()
    await one.goto(f"{site.address}/organizer?tab=1")
    await other.goto(f"{site.address}/organizer?tab=2")
    await choose(other, "anna")
    await choose(one, "anna")
    addresses = (one.url, other.url)
    await other.get_by_role("button", name="Sign out").click()
    await other.wait_for_url("**/end_session?**")
    await other.get_by_role("button", name="End session").click()
    await one.reload()

    assert (f"{site.address}/organizer?tab=1", f"{site.address}/organizer?tab=2") == addresses
    assert (f"{site.address}/sign-out", "You are signed out") == (other.url, await heading(other))
    assert "Who are you?" == await heading(one)


async def test_back_to_the_provider_and_a_callback_used_twice_end_at_the_page(
    window: BrowserContext, site: Site
) -> None:
    page = await window.new_page()
    callbacks: list[str] = []
    page.on("request", lambda sent: callbacks.append(sent.url) if "code=" in sent.url else None)
    await page.goto(f"{site.address}/organizer")
    await choose(page, "anna")
    await page.go_back()
    await choose(page, "anna")
    after_back = page.url
    await page.goto(callbacks[0])
    used_again = page.url
    await window.clear_cookies()
    await page.goto(callbacks[0])

    assert (after_back, used_again) == (f"{site.address}/organizer",) * 2
    assert "Who are you?" == await heading(page)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["this tab", "another tab"])
async def test_a_form_whose_session_has_ended_is_filled_again_and_not_sent(
    window: BrowserContext, site: Site, *, elsewhere: bool
) -> None:
    site.saved.clear()
    page = await signed_in(window, site, "/organizer/note")
    await page.locator("textarea").fill(NOTE)
    await let_session_end(window)
    if elsewhere:
        await signed_in(window, site, "/organizer")
    await page.get_by_role("button", name="Save").click()
    if not elsewhere:
        await page.get_by_role("heading", name="Your session has ended").wait_for()
        await page.get_by_role("link", name="Sign in").click()
        await page.get_by_role("heading", name="Who are you?").wait_for()
        await choose(page, "anna")
    await page.get_by_role("heading", name="Note").wait_for()
    shown, not_sent = await page.locator("textarea").input_value(), list(site.saved)
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("heading", name="Anna").wait_for()

    assert (NOTE, []) == (shown, not_sent)
    assert [NOTE] == site.saved
    assert [] == [each["name"] for each in await window.cookies() if "draft" in each["name"]]


async def test_who_has_not_the_role_is_told_so_and_signs_in_as_somebody_else(
    window: BrowserContext, site: Site
) -> None:
    page = await signed_in(window, site, "/organizer", "otto")
    told = await heading(page)
    await page.get_by_role("link", name="Sign in as somebody else").click()
    await page.get_by_role("heading", name="Who are you?").wait_for()
    await choose(page, "anna")

    assert ("This page is for administrators", "Anna") == (told, await heading(page))


async def test_who_does_not_want_to_sign_in_is_not_and_can_try_again(
    window: BrowserContext, site: Site
) -> None:
    page = await window.new_page()
    await page.goto(f"{site.address}/organizer/note")
    await page.get_by_role("button", name="Do not sign in").click()
    await page.get_by_role("heading", name="You were not signed in").wait_for()
    await page.get_by_role("link", name="Sign in", exact=True).click()
    await page.get_by_role("heading", name="Who are you?").wait_for()
    await choose(page, "anna")

    assert f"{site.address}/organizer/note" == page.url
