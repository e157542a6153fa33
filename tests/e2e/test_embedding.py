"""A meeting type in a frame of another site: booked there, and refused by the browser elsewhere."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, ConsoleMessage, Frame, Page, async_playwright, expect

from tests.e2e.browser import AXE, Keyboard, chromium, launch_options
from tests.e2e.client import BOOKING, Organizer, StackClients
from tests.e2e.foreign_site import ForeignSite, foreign_site, plain_frame, with_script

BLOCKED = 2


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site() -> Iterator[ForeignSite]:
    with foreign_site() as started:
        yield started


@pytest.fixture(scope="module")
async def anna(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-47")


@pytest.fixture
def base(clients: StackClients) -> str:
    return clients.stack.url("booking")


@asynccontextmanager
async def window(browser: Browser, **settings: Any) -> AsyncIterator[Page]:
    """Open a window; it must close without an error in its console."""
    context = await browser.new_context(
        **{"locale": "en-GB", "viewport": {"width": 1000, "height": 800}, **settings}
    )
    page, errors = await context.new_page(), list[str]()
    listen(page, errors)
    yield page
    await context.close()
    assert [] == errors


@asynccontextmanager
async def window_that_keeps_nothing(profile: Path) -> AsyncIterator[Page]:
    """Open a window of somebody who has told their browser to block all cookies and storage."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": BLOCKED}}}
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(profile), locale="en-GB", **launch_options()
        )
        page, errors = context.pages[0], list[str]()
        listen(page, errors)
        yield page
        await context.close()
    assert [] == errors


def listen(page: Page, errors: list[str]) -> None:
    page.on("pageerror", lambda error: errors.append(str(error)))

    def keep(said: ConsoleMessage) -> None:
        if said.type == "error" and "status of 4" not in said.text:
            errors.append(said.text)

    page.on("console", keep)


async def frame_in(page: Page) -> Frame:
    """Return what the page shows in its frame."""
    handle = await page.wait_for_selector("iframe", state="attached")
    frame = await handle.content_frame() if handle else None
    assert frame is not None
    return frame


async def hold_a_time(frame: Frame, number: int) -> None:
    """Choose a day and a time in the frame."""
    later = frame.get_by_role("link", name="Later:")
    await expect(frame.locator(".calendar")).to_be_visible()
    if await later.count():
        await later.click()
        await expect(later).to_have_count(0)
    await frame.locator(".calendar a.day").nth(2).click()
    await expect(frame.locator(".day.chosen")).to_be_visible()
    await frame.locator("button.time").nth(number).click()
    await expect(frame.get_by_role("heading", level=1)).to_have_text("Your details")


async def book(frame: Frame, email: str) -> None:
    """Fill in the form that the frame shows, and send it."""
    await frame.get_by_label("Your name").fill("Vera Visitor")
    await frame.get_by_label("Your e-mail address").fill(email)
    await frame.get_by_role("button", name="Book the meeting").click()
    await expect(frame.get_by_role("heading", level=1)).to_have_text("You are booked")


async def was_booked(anna: Organizer, kind: dict[str, Any], email: str) -> bool:
    listed = (await anna.caller.get(f"{BOOKING}/bookings")).json()["items"]
    return [kind["id"]] == [
        each["meeting_type_id"] for each in listed if each["attendee"]["email"] == email
    ]


def somebody() -> str:
    return f"vera-{uuid4().hex[:8]}@example.test"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_plain_frame_leads_through_the_whole_booking(
    scripts: bool, browser: Browser, anna: Organizer, site: ForeignSite
) -> None:
    kind, email = await anna.meeting_type(frame_origins=[site.origin]), somebody()
    address = site.put("/plain", plain_frame(kind["url"]))

    async with window(browser, java_script_enabled=scripts) as page:
        await page.goto(address)
        frame = await frame_in(page)
        await hold_a_time(frame, 0)
        await frame.get_by_role("button", name="Choose another time").click()
        await hold_a_time(frame, 1)
        await book(frame, email)
        cookies = await page.context.cookies()
        async with page.context.expect_page() as opened:
            await frame.get_by_role("link", name="Move or cancel it").click()
        managed = await opened.value
        await expect(managed.get_by_role("heading", level=1)).to_have_text("Your meeting")

        assert address == page.url
        assert [] == cookies
    assert await was_booked(anna, kind, email)


async def test_the_script_makes_the_frame_as_high_as_what_it_shows(
    browser: Browser, anna: Organizer, site: ForeignSite, base: str
) -> None:
    kind, email = await anna.meeting_type(frame_origins=[site.origin]), somebody()
    address = site.put("/script", with_script(kind["url"], f"{base}/embed.js"))

    async with window(browser) as page:
        await page.goto(address)
        frame, heights = await frame_in(page), []
        await expect(page.get_by_role("link", name="Book a meeting")).to_be_hidden()
        await hold_a_time(frame, 0)
        heights.append(await settled_height(page, frame))
        await book(frame, email)
        heights.append(await settled_height(page, frame))
        await frame.evaluate("document.querySelector('main').style.paddingBottom = '777px'")
        heights.append(await settled_height(page, frame))

        # Whatever else on the page says so, only the frame's own word about its height counts.
        await page.evaluate(
            """() => new Promise(heard => {
              addEventListener("message", () => setTimeout(heard));
              postMessage({ bookwith: "height", height: 5 }, "*");
            })"""
        )
        heights.append(await settled_height(page, frame))

        assert heights[3] == heights[2]
        assert "Book a meeting" == await page.locator("iframe").get_attribute("title")
        assert heights[2] > heights[1] + 700
        assert 3 == len(set(heights))
    assert await was_booked(anna, kind, email)


async def settled_height(page: Page, frame: Frame) -> int:
    """Return how high the frame is once nothing in it has to be scrolled to."""
    await frame.evaluate(
        """() => new Promise(settled => {
          const height = () => Math.ceil(document.body.getBoundingClientRect().height);
          const look = () => height() === innerHeight ? settled() : setTimeout(look, 20);
          look();
        })"""
    )
    height: int = await page.locator("iframe").evaluate("frame => frame.clientHeight")
    return height


@pytest.mark.parametrize("script", [True, False], ids=["with the script", "a plain frame"])
async def test_a_frame_works_in_a_browser_that_blocks_all_cookies_and_storage(
    script: bool, anna: Organizer, site: ForeignSite, base: str, tmp_path: Path
) -> None:
    kind, email = await anna.meeting_type(frame_origins=[site.origin]), somebody()
    pasted = with_script(kind["url"], f"{base}/embed.js") if script else plain_frame(kind["url"])
    address = site.put("/blocked", pasted)

    async with window_that_keeps_nothing(tmp_path / "profile") as page:
        await page.goto(address)
        frame = await frame_in(page)
        await hold_a_time(frame, 0)
        storage = "() => { try { return Boolean(sessionStorage); } catch { return false; } }"
        assert not await frame.evaluate(storage)
        await book(frame, email)
    assert await was_booked(anna, kind, email)


async def test_what_was_typed_is_kept_when_the_time_was_just_taken_in_a_frame(
    browser: Browser, anna: Organizer, site: ForeignSite
) -> None:
    kind, email = await anna.meeting_type(frame_origins=[site.origin]), somebody()
    pasted = plain_frame(kind["url"]).replace("frame=yes", f"frame=yes&name=Vera&email={email}")
    address = site.put("/taken", pasted)

    async with window(browser) as page:
        await page.goto(address)
        frame = await frame_in(page)
        await expect(frame.locator("button.time").first).to_be_visible()
        start = await frame.locator("button.time").first.get_attribute("value")
        taken = await anna.clients.visitor().book(kind["id"], str(start), somebody())
        assert 201 == taken.status_code
        await frame.locator("button.time").first.click()
        await expect(frame.get_by_role("heading", level=1)).to_have_text("That time was just taken")
        await frame.locator("button.time").first.click()
        await expect(frame.get_by_label("Your e-mail address")).to_have_value(email)
        await frame.get_by_role("button", name="Book the meeting").click()
        await expect(frame.get_by_role("heading", level=1)).to_have_text("You are booked")


async def test_browsers_refuse_a_frame_of_any_other_origin(
    browser: Browser, anna: Organizer, site: ForeignSite, base: str
) -> None:
    """Also of that port of another host; and pages that are of no meeting type, whoever asks."""
    kind = await anna.meeting_type(frame_origins=[site.origin])
    with foreign_site() as other:
        pages = [
            other.put("/", plain_frame(kind["url"])),
            site.put("/", plain_frame(kind["url"])).replace(site.origin, site.same_site_origin),
            site.put("/page", plain_frame(f"{base}/with/{anna.name}")),
            site.put("/me", plain_frame(f"{base}/me")),
        ]
        for address in pages:
            async with refused_window(browser) as (page, errors):
                await page.goto(address)
                await until_refused(page, errors)
                frame = await frame_in(page)
                assert frame.url.startswith("chrome-error:"), address


async def test_the_script_leaves_the_link_where_the_frame_is_refused(
    browser: Browser, anna: Organizer, site: ForeignSite, base: str
) -> None:
    kind = await anna.meeting_type()
    address = site.put("/refused", with_script(kind["url"], f"{base}/embed.js"))

    async with refused_window(browser) as (page, errors):
        await page.goto(address)
        await until_refused(page, errors)
        await expect(page.locator("iframe")).to_be_hidden()
        await page.get_by_role("link", name="Book a meeting").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(kind["title"])


@asynccontextmanager
async def refused_window(browser: Browser) -> AsyncIterator[tuple[Page, list[str]]]:
    context = await browser.new_context(locale="en-GB")
    page, errors = await context.new_page(), list[str]()
    listen(page, errors)
    yield page, errors
    await context.close()


async def until_refused(page: Page, errors: list[str]) -> None:
    """Wait until the browser has said that it does not show the frame, and by which rule."""
    while not any("frame-ancestors" in each for each in errors):
        await page.wait_for_event("console")


async def test_the_pages_in_a_frame_fit_320_pixels_and_break_no_rule_of_accessibility(
    browser: Browser, anna: Organizer, site: ForeignSite, base: str
) -> None:
    kind = await anna.meeting_type(frame_origins=[site.origin], title="A rather long bridge talk")
    address = site.put("/narrow", with_script(kind["url"], f"{base}/embed.js"))

    async with window(browser, viewport={"width": 336, "height": 700}) as page:
        await page.goto(address)
        frame = await frame_in(page)
        await expect(frame.locator(".calendar")).to_be_visible()
        await check_layout(page, frame)
        await hold_a_time(frame, 0)
        await check_layout(page, frame)
        await frame.get_by_role("button", name="Book the meeting").focus()
        await frame.locator("form.details").evaluate("form => form.noValidate = true")
        await page.keyboard.press("Enter")
        await expect(frame.get_by_role("alert")).to_be_focused()
        await check_layout(page, frame)
        await book(frame, somebody())
        await check_layout(page, frame)


async def check_layout(page: Page, frame: Frame) -> None:
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert 0 >= await frame.evaluate(wide)
    assert 0 == await frame.get_by_text("Made with").count()
    found = (await AXE.run(page)).response["violations"]
    assert [] == [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


async def test_a_keyboard_alone_books_in_a_frame_and_every_step_goes_on_where_it_is(
    browser: Browser, anna: Organizer, site: ForeignSite, base: str
) -> None:
    """Behind each step the frame has the focus, at its beginning or at what is to be read."""
    kind, email = await anna.meeting_type(frame_origins=[site.origin]), somebody()
    pasted = with_script(kind["url"], f"{base}/embed.js")
    address = site.put("/keyboard", f'{pasted}<p><a id="behind" href="/">Our bridges</a></p>')
    keys = Keyboard()

    async with window(browser) as page:
        await page.goto(address)
        frame = await frame_in(page)
        await expect(page.get_by_role("link", name="Book a meeting")).to_be_hidden()
        later = frame.get_by_role("link", name="Later:")
        if await later.count():
            await keys.use(page, later)
            await expect(later).to_have_count(0)
            await goes_on_in(frame)
        await keys.use(page, frame.locator(".calendar a.day").nth(2))
        await expect(frame.locator(".day.chosen")).to_be_visible()
        await goes_on_in(frame)
        await keys.use(page, frame.locator("button.time").first)
        await expect(frame.get_by_role("heading", level=1)).to_have_text("Your details")
        await goes_on_in(frame)
        await keys.write(page, frame.get_by_label("Your name"), "Vera Visitor")
        await keys.write(page, frame.get_by_label("Your e-mail address"), "vera@nowhere")
        await page.keyboard.press("Enter")
        await expect(frame.get_by_role("alert")).to_be_focused()
        await keys.write(page, frame.get_by_label("Your e-mail address"), email)
        await keys.use(page, frame.get_by_role("button", name="Book the meeting"))
        await expect(frame.get_by_role("heading", level=1)).to_have_text("You are booked")
        await goes_on_in(frame)
        async with page.context.expect_page() as opened:
            await keys.use(page, frame.get_by_role("link", name="Move or cancel it"))
        await (await opened.value).close()
        # Out of the frame, to what stands behind it.
        for _ in range(20):
            if await page.evaluate("document.activeElement.id") == "behind":
                break
            await page.keyboard.press("Tab")

        assert "behind" == await page.evaluate("document.activeElement.id")
    assert await was_booked(anna, kind, email)


async def goes_on_in(frame: Frame) -> None:
    """Fail unless the next key is the frame's."""
    assert await frame.evaluate("document.hasFocus()"), frame.url
