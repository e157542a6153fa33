"""A user who does anything that a page lets them do, and watches what must never happen."""

import asyncio
import random
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error, Page, Request, Response

# What people, machines and the ill-disposed write into a field.
TEXTS = (
    "Vera Visitor",
    "",
    " ",
    "Ågot Øster-Æble",
    "<img src=x onerror=alert(1)>",
    "'; DROP TABLE bookings; --",
    "{{ 7 * 7 }}",
    "\u202egnihtyna",
    "=?utf-8?q?subject?=",
    "x" * 3000,
    "line\nline",
    "0",
    "-1",
    "99999999999",
)
MAILS = ("vera@visitors.example", "otto@visitors.example", "no address", "a@b", "")
# What can be followed or pressed, and what can be filled in.
USED = "a[href], button, summary"
FILLED = "main input:not([type=hidden]), main select, main textarea"
# A sign-out ends the walk of an organizer; what leaves the page ends everybody's.
_AVOIDED = re.compile(r"/sign-out|mailto:|tel:|\.ics|/export|/download|/docs$|\.svg|\.png")
# What can be used, with where it leads and whether it is in the page's own part.
_ACTIONS = """selector => {
  const seen = element => element.checkVisibility() && !element.disabled;
  const own = address => URL.canParse(address) && new URL(address).host === location.host;
  return [...document.querySelectorAll(selector)]
    .map((element, index) => ({
      index,
      kind: element.tagName.toLowerCase(),
      href: element.href || (element.form ? element.form.action : ""),
      main: Boolean(element.closest("main")),
      usable: seen(element) && (element.tagName !== "A" || own(element.href)),
    }))
    .filter(each => each.usable);
}"""
_FIELDS = """selector => [...document.querySelectorAll(selector)]
  .map((element, index) => ({
    index, type: element.type, name: element.name, shown: element.checkVisibility(),
    values: element.tagName === "SELECT" ? [...element.options].map(option => option.value) : [],
  })).filter(each => each.shown && each.name)"""


@dataclass(slots=True)
class Explorer:
    """One window, with what was found wrong in it.

    Nothing else than the hosts is to be asked. Only the pages of the start's own are walked
    through: whoever goes back from the first one comes to where they signed in.
    """

    page: Page
    chance: random.Random
    start: str
    hosts: frozenset[str]
    steps: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Watch the window for what no page may do."""
        # A slotted object's method is not kept: Playwright holds it weakly.
        for event, kept in (
            ("response", Explorer._saw_response),
            ("request", Explorer._saw_request),
            ("console", Explorer._saw_message),
            ("pageerror", Explorer._saw_error),
        ):
            self.page.on(event, partial(kept, self))  # type: ignore[call-overload]
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    async def walk(self, seconds: float) -> None:
        """Do one thing after the other for so long."""
        ends_at = asyncio.get_running_loop().time() + seconds
        await self._open(self.start)
        while asyncio.get_running_loop().time() < ends_at and not self.wrong:
            await self._step()
            await self._look()

    async def _step(self) -> None:
        lot = self.chance.random()
        with suppress(Error):  # a page that went on by itself takes its elements away
            if lot < 0.06:
                self.steps.append("back")
                await self.page.go_back(timeout=10_000)
            elif lot < 0.1:
                self.steps.append("reload")
                await self.page.reload(timeout=10_000)
            elif lot < 0.13 or not self._is_own(self.page.url):
                await self._open(self.start)
            else:
                await self._act()

    async def _act(self) -> None:
        actions = await self.page.evaluate(_ACTIONS, USED)
        wanted = [each for each in actions if not _AVOIDED.search(each["href"])]
        # What the page is about, three times as often as what surrounds it.
        weights = [3 if each["main"] else 1 for each in wanted]
        if not wanted:
            await self._open(self.start)
            return
        [chosen] = self.chance.choices(wanted, weights)
        if chosen["kind"] == "button":
            await self._fill()
        target = self.page.locator(USED).nth(chosen["index"])
        double = self.chance.random() < 0.1
        self.steps.append(f"{'double ' if double else ''}{chosen['kind']} {chosen['href']}")
        await target.click(timeout=5_000, click_count=2 if double else 1)
        await self.page.wait_for_load_state("load", timeout=20_000)

    async def _fill(self) -> None:
        for each in await self.page.evaluate(_FIELDS, FILLED):
            if self.chance.random() < 0.3:
                continue
            target = self.page.locator(FILLED).nth(each["index"])
            await self._fill_one(target, each)

    async def _fill_one(self, target: Any, found: dict[str, Any]) -> None:
        match found["type"]:
            case "checkbox" | "radio":
                await target.set_checked(True, force=True, timeout=2_000)
            case "select-one" | "select-multiple":
                await target.select_option(self.chance.choice(found["values"]), timeout=2_000)
            case "email":
                await target.fill(self.chance.choice(MAILS), timeout=2_000)
            case "date" | "time" | "datetime-local" | "number" | "color" | "range" | "file":
                pass  # the browser lets nothing else in than what stands there
            case _:
                chosen = self.chance.choice((*TEXTS, *MAILS[:2]))
                await target.fill(chosen, timeout=2_000)

    async def _open(self, address: str) -> None:
        self.steps.append(f"open {address}")
        await self.page.goto(address, timeout=20_000)

    async def _look(self) -> None:
        """Note a page that leads nowhere, or is wider than its window."""
        with suppress(Error):  # it is just being left
            await self.page.wait_for_load_state("load", timeout=20_000)
            address = self.page.url
            if not self._is_own(address):
                return
            actions = await self.page.evaluate(_ACTIONS, USED)
            sideways = await self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if address != self.page.url:
                return
            if not any(each["main"] for each in actions) and address.rstrip("/") not in self.ends:
                self.wrong.append(f"{address} leads nowhere")
            if sideways > 0:
                self.wrong.append(f"{address} is {sideways} px too wide")

    def _is_own(self, address: str) -> bool:
        return urlsplit(address).netloc == urlsplit(self.start).netloc

    @property
    def ends(self) -> Sequence[str]:
        """The addresses behind which nothing comes: the first page, which tells what this is."""
        return [f"http://{host}" for host in self.hosts]

    def _saw_response(self, response: Response) -> None:
        if response.status >= 500:
            self.wrong.append(f"{response.status} of {response.request.method} {response.url}")

    def _saw_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme.startswith("http") and asked.netloc not in self.hosts:
            self.wrong.append(f"{request.url} was asked")

    def _saw_message(self, message: Any) -> None:
        # A refused form is a 4xx, which the browser calls an error.
        if message.type == "error" and "status of 4" not in message.text:
            self.wrong.append(f"console of {self.page.url}: {message.text}")

    def _saw_error(self, error: Any) -> None:
        self.wrong.append(f"script of {self.page.url}: {error}")
