"""Takes the screens: each scene in a window of each kind, and what axe finds on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.e2e.browser import AXE
from tests.e2e.client import StackClients
from tests.e2e.inbox import Inbox
from tests.screens.admin_scenes import ADMINISTRATORS
from tests.screens.organization import Organization, organization
from tests.screens.organizer_scenes import ORGANIZERS
from tests.screens.scenes import SCENES, Stage

ALL = {**SCENES, **ORGANIZERS, **ADMINISTRATORS}


@dataclass(frozen=True, slots=True)
class Window:
    """A kind of window: its width, colours and language."""

    name: str
    width: int
    dark: bool = False
    language: str = "en"

    @property
    def settings(self) -> dict[str, Any]:
        """Return what the browser is told."""
        return {
            "viewport": {"width": self.width, "height": 800 if self.width > 500 else 740},
            "color_scheme": "dark" if self.dark else "light",
            "locale": {"en": "en-GB", "da": "da-DK"}[self.language],
            "timezone_id": "Europe/Copenhagen",
            "reduced_motion": "reduce",
        }


# Pages that go on and on: their beginning is enough.
LONG = frozenset({"zones", "organizer-list"})
WINDOWS = (
    Window("wide", 1280),
    Window("phone", 360),
    Window("wide-dark", 1280, dark=True),
    Window("phone-dark-da", 360, dark=True, language="da"),
)


async def take_all(
    browser: Browser,
    clients: StackClients,
    folder: Path,
    windows: Sequence[Window] = WINDOWS,
    names: Sequence[str] | None = None,
) -> list[str]:
    """Write the screens to the folder; return what is wrong on them."""
    shown = await organization(clients)
    wrong: list[str] = []
    for window in windows:
        for name in ALL if names is None else names:
            wrong += await take(browser, clients, shown, folder, window, name)
    return wrong


async def take(
    browser: Browser,
    clients: StackClients,
    shown: Organization,
    folder: Path,
    window: Window,
    name: str,
    also: Sequence[Window] = (),
) -> list[str]:
    """Write one screen to the folder; return what is wrong on it.

    The same page is looked at in the `also` windows too, in the language of the first.
    """
    context = await browser.new_context(**window.settings)
    context.set_default_timeout(60_000)
    page = await context.new_page()
    base = clients.stack.url("booking")
    inbox = Inbox(clients.client("inbox"))
    policy = clients.stack.url("policy")
    stage = Stage(page, base, shown, inbox, window.language, policy=policy)
    try:
        await ALL[name](stage)
        wrong = await _look(page, folder, window, name)
        for other in also:
            await page.set_viewport_size(other.settings["viewport"])
            await page.emulate_media(color_scheme=other.settings["color_scheme"])
            wrong += await _look(page, folder, other, name)
    finally:
        await context.close()
        for id_ in stage.booked:  # so that its time is free for the next scene
            await shown.cancel(id_)
    return wrong


# What reaches beyond the window, from the outside in; nothing when the page fits.
_SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().right > width)
    .map(each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 60)}`);
}"""


async def _look(page: Page, folder: Path, window: Window, name: str) -> list[str]:
    """Write the page as it is in the window; return what is wrong on it."""
    place = f"{name} ({window.name})"
    await page.wait_for_timeout(100)
    path = folder / f"{name}.{window.name}.jpg"
    await page.screenshot(path=path, full_page=name not in LONG, type="jpeg", quality=60)
    found = (await AXE.run(page)).response["violations"]
    sideways = await page.evaluate(_SIDEWAYS)
    wrong = [f"{place}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    return [*wrong, *([f"{place} is too wide: {sideways}"] if sideways else [])]
