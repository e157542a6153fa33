"""Attendees in Debian's Chromium: by mouse, by keyboard, on a phone, without scripts."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# So many presses of the key reach everything that a page of ours has, time zones apart.
MOST_TABS = 120
AXE = Axe()
# The days of a calendar are one stop for the tab key; inside, the arrow keys lead on.
_NEXT_KEY = """found => {
  const grid = found.closest("[role=grid]"), active = document.activeElement;
  if (!grid || !grid.contains(active)) return "Tab";
  const behind = active.compareDocumentPosition(found) & Node.DOCUMENT_POSITION_FOLLOWING;
  return behind ? "ArrowRight" : "ArrowLeft";
}"""


class InputMethod(Protocol):
    """How a user operates what is on a page."""

    async def use(self, page: Page, target: Locator) -> None:
        """Follow the link or press the button."""

    async def write(self, page: Page, target: Locator, text: str) -> None:
        """Put the text into the field."""


class Mouse:
    """Clicks."""

    async def use(self, page: Page, target: Locator) -> None:
        """Click it."""
        await target.click()

    async def write(self, page: Page, target: Locator, text: str) -> None:
        """Click into the field and fill it."""
        await target.fill(text)


class Keyboard:
    """Moves with the tab key; fails for what it cannot reach."""

    async def use(self, page: Page, target: Locator) -> None:
        """Go there and press Enter."""
        await self._go(page, target)
        await page.keyboard.press("Enter")

    async def write(self, page: Page, target: Locator, text: str) -> None:
        """Go there and type."""
        await self._go(page, target)
        await page.keyboard.press("ControlOrMeta+A")
        await page.keyboard.type(text)

    async def _go(self, page: Page, target: Locator) -> None:
        await target.wait_for()
        for _ in range(MOST_TABS):
            if await target.evaluate("found => found === document.activeElement"):
                assert await target.evaluate("found => found.matches(':focus-visible')")
                return
            await page.keyboard.press(await target.evaluate(_NEXT_KEY))
        raise AssertionError(f"{target} cannot be reached by keyboard")


@dataclass(frozen=True, slots=True)
class BrowserKind:
    """One kind of browser and of input."""

    name: str
    input_method: InputMethod
    width: int = 1280
    scripts: bool = True
    settings: dict[str, Any] = field(default_factory=dict)


BROWSERS = (
    BrowserKind("mouse", Mouse()),
    BrowserKind("keyboard", Keyboard()),
    BrowserKind("phone", Mouse(), width=360, settings={"color_scheme": "dark", "has_touch": True}),
    BrowserKind("without scripts", Mouse(), scripts=False),
)


def launch_options() -> dict[str, Any]:
    """Return with what the machine's Chromium is started."""
    path = os.environ.get("BOOKWITH_CHROMIUM") or shutil.which("chromium")
    assert path, "the browser tests need Chromium; on Debian: apt-get install chromium"
    return {"executable_path": path, "args": list(OPTIONS)}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the machine's Chromium, and stop it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        yield browser
        await browser.close()


@asynccontextmanager
async def attendee(
    browser: Browser, base: str, way: BrowserKind = BROWSERS[0], **settings: Any
) -> AsyncIterator["Attendee"]:
    """Open a new browser window without cookies."""
    context = await browser.new_context(
        viewport={"width": way.width, "height": 800},
        java_script_enabled=way.scripts,
        **{
            "locale": "en-GB",
            "timezone_id": "America/New_York",
            "reduced_motion": "reduce",
            **way.settings,
            **settings,
        },
    )
    context.set_default_timeout(15_000)
    visitor = Attendee(await context.new_page(), context, base, way)
    visitor.listen()
    yield visitor
    await context.close()
    assert visitor.browser_errors == []


@asynccontextmanager
async def signed_in(
    browser: Browser, base: str, name: str, address: str, way: BrowserKind = BROWSERS[0]
) -> AsyncIterator["Attendee"]:
    """Open a window and sign in at the local provider, on the way to an organizer's page."""
    async with attendee(browser, base, way, timezone_id="Asia/Tokyo") as user:
        await sign_in(user.page, f"{base}{address}", name)
        yield user


async def sign_in(page: Page, address: str, name: str) -> None:
    """Go to the address, and sign in at the local provider, which asks for no password."""
    await page.goto(address)
    await page.get_by_label("Somebody else").fill(name)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url(f"{address}*")


@dataclass(slots=True)
class Attendee:
    """A user who books: what they do, and what the page shows them."""

    page: Page
    context: BrowserContext
    base: str
    way: BrowserKind
    browser_errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep the errors of the browser, except those of a response with a 4xx status."""
        self.page.on("pageerror", lambda error: self.browser_errors.append(str(error)))
        self.page.on(
            "console", partial(Attendee._keep_error, self)
        )  # a slotted object's method is not kept

    def _keep_error(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.browser_errors.append(message.text)

    async def open(self, address: str) -> int:
        """Go to the address, whole or on our site; return the status."""
        whole = address if address.startswith("http") else self.base + address
        answer = await self.page.goto(whole)
        assert answer is not None
        if self.way.scripts and await self.page.locator("[data-detect-zone]").count():
            await self.page.wait_for_url("**tz=*")
        await self.check_layout()
        return answer.status

    async def check_layout(self) -> None:
        """Fail when the page is wider than the window or breaks a rule of accessibility."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await self.page.evaluate(wide) <= 0, f"{self.page.url} must be scrolled sideways"
        if self.way.scripts:
            found = (await AXE.run(self.page)).response["violations"]
            violations = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
            assert violations == [], self.page.url

    async def heading(self) -> str:
        """Return the heading of the page."""
        return (await self.page.locator("h1").inner_text()).strip()

    async def fact(self, name: str) -> str:
        """Return what the page says under the label."""
        row = self.page.locator(".facts div", has=self.page.get_by_text(name, exact=True))
        return (await row.locator("dd").inner_text()).strip()

    async def reads(self, words: str) -> bool:
        """Tell whether the words are on the page."""
        return await self.page.get_by_text(words).first.is_visible()

    async def press(self, name: str) -> None:
        """Press the button or follow the link of that name, and see where it leads."""
        button = self.page.get_by_role("button", name=name, exact=True)
        link = self.page.get_by_role("link", name=name)
        await self._go_on(button.or_(link).first)

    async def choose_day(self, number: int) -> None:
        """Choose the so-many-th free day of the later ones, if there are: these may be few."""
        if await self.page.get_by_role("link", name="Later:").count():
            await self.press("Later:")
        await self._go_on(self.page.locator(".calendar a.day").nth(number))

    def times(self) -> Locator:
        """Return the times that can be picked on the page."""
        return self.page.locator("button.time")

    async def pick(self, number: int) -> str:
        """Pick the so-many-th time; return how it was written."""
        time = self.times().nth(number)
        words = await time.inner_text()
        await self._go_on(time)
        return words

    async def fill_attendee(self, name: str, email: str) -> None:
        """Fill the form."""
        await self.way.input_method.write(self.page, self.page.get_by_label("Your name"), name)
        await self.way.input_method.write(
            self.page, self.page.get_by_label("Your e-mail address"), email
        )

    async def fill_reason(self, reason: str) -> None:
        """Give the other party a reason."""
        field_ = self.page.get_by_label("Why? (optional)")
        await self.way.input_method.write(self.page, field_, reason)

    async def _go_on(self, target: Locator) -> None:
        async with self.page.expect_event("framenavigated"):
            await self.way.input_method.use(self.page, target)
        await self.page.wait_for_load_state("load")
        await self.check_layout()
