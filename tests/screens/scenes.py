"""The scenes: each leads a visitor's browser to one page in one state."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from playwright.async_api import Page

from tests.e2e.client import wait_until
from tests.e2e.inbox import Inbox, Mail
from tests.screens.organization import Organization

NAME, MAIL = "Vera Visitor", "vera@visitors.example"


@dataclass(frozen=True, slots=True)
class Stage:
    """A browser window, and what it can visit."""

    page: Page
    base: str
    shown: Organization
    inbox: Inbox
    language: str
    booked: list[str] = field(default_factory=list)
    policy: str = ""

    @property
    def page_address(self) -> str:
        """Return the address of the organizer's page."""
        return f"/with/{self.shown.organizer.name}"

    async def open(self, address: str) -> None:
        """Go to the address in the window's language."""
        whole = address if address.startswith("http") else self.base + address
        joint = "&" if "?" in whole else "?"
        await self.page.goto(f"{whole}{joint}lang={self.language}")
        await self.page.wait_for_load_state("networkidle")

    async def press(self, selector: str) -> None:
        """Press what the selector finds, and wait for the page that it leads to."""
        async with self.page.expect_event("framenavigated"):
            await self.page.locator(selector).first.click()
        await self.page.wait_for_load_state("networkidle")

    async def hold(self, slug: str) -> None:
        """Hold a time of the type, on a day that is free whatever day it is today."""
        await self.open(f"{self.page_address}/{slug}")
        await self.press("a.day.free >> nth=4")
        await self.press("button.time >> nth=2")

    async def confirm(self, mail: str = MAIL) -> None:
        """Fill in name and address, and send the form."""
        await self.page.locator("#name").fill(NAME)
        await self.page.locator("#email").fill(mail)
        await self.page.wait_for_timeout(600)  # sooner it was not filled in by a person
        await self.press("form.details .actions .button")

    async def book(self, slug: str, mail: str = MAIL) -> str:
        """Book a time of the type; return the booking's id."""
        await self.hold(slug)
        await self.confirm(mail)
        found = re.search(r"/m/booking/([0-9a-f-]{36})", self.page.url)
        assert found, self.page.url
        self.booked.append(found[1])
        return found[1]

    async def mail_to(self, address: str, pattern: str) -> str:
        """Return what the pattern finds in the newest mail to the address."""

        async def newest() -> Mail | None:
            found = [mail for mail in await self.inbox.to(address) if re.search(pattern, mail.text)]
            return found[-1] if found else None

        mail = await wait_until(newest, 30, f"the mail to {address}")
        found = re.search(pattern, mail.text)
        assert found
        return found[0]


Scene = Callable[[Stage], Awaitable[Any]]
SCENES: dict[str, Scene] = {}


def scene(played: Scene) -> Scene:
    """Keep the scene under its name."""
    SCENES[played.__name__.replace("_", "-")] = played
    return played


def _address() -> str:
    return f"vera-{uuid4().hex[:8]}@visitors.example"


@scene
async def home(stage: Stage) -> None:
    await stage.open("/")


@scene
async def organizer(stage: Stage) -> None:
    await stage.open(stage.page_address)


@scene
async def pick(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/introduction")


@scene
async def pick_durations(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/consultation")


@scene
async def pick_far_ahead(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/far-ahead")


@scene
async def pick_empty_month(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/far-ahead?month=2000-01")


@scene
async def pick_empty_day(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/introduction")
    await stage.open(stage.page.url.split("?")[0] + "?day=2000-01-01")


@scene
async def zones(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/introduction")
    await stage.press(".zone a.target")


@scene
async def zones_found(stage: Stage) -> None:
    await zones(stage)
    await stage.page.locator("#zones").fill("Brazil" if stage.language == "en" else "Brasilien")
    await stage.press("form[role=search] button")


@scene
async def details(stage: Stage) -> None:
    await stage.hold("introduction")


@scene
async def details_questions(stage: Stage) -> None:
    await stage.hold("consultation")


@scene
async def details_faults(stage: Stage) -> None:
    await stage.hold("consultation")
    await stage.page.evaluate("document.querySelector('#details').noValidate = true")
    await stage.page.locator("#email").fill("vera@nowhere")
    await stage.page.wait_for_timeout(600)
    await stage.press("form.details .actions .button")


@scene
async def hold_over(stage: Stage) -> None:
    await stage.hold("introduction")
    address = stage.page.url
    await stage.press("form.back button, form[action*=release] button")
    await stage.open(address.split("?")[0])


@scene
async def taken(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/introduction")
    await stage.press("a.day.free >> nth=5")
    first = stage.page.locator("button.time").nth(3)
    start = await first.get_attribute("value")
    browser = stage.page.context.browser
    assert browser
    other = await browser.new_context(locale="en-GB")
    faster = Stage(await other.new_page(), stage.base, stage.shown, stage.inbox, "en")
    await faster.open(f"{stage.page_address}/introduction?start={start}")
    await faster.press("form.chosen button, button.time[value='" + str(start) + "']")
    await first.click()
    await stage.page.wait_for_load_state("networkidle")
    await faster.press("form.back button, form[action*=release] button")
    await other.close()


@scene
async def booked(stage: Stage) -> None:
    await stage.book("introduction")


@scene
async def booking(stage: Stage) -> None:
    await stage.open(f"/m/booking/{await stage.book('introduction')}")


@scene
async def move_pick(stage: Stage) -> None:
    await stage.open(f"/m/booking/{await stage.book('introduction')}/move")


@scene
async def move_sure(stage: Stage) -> None:
    await stage.open(f"/m/booking/{await stage.book('introduction')}/move")
    await stage.press("button.time >> nth=1")


@scene
async def cancel_sure(stage: Stage) -> None:
    await stage.open(f"/m/booking/{await stage.book('introduction')}/cancel")


@scene
async def cancelled(stage: Stage) -> None:
    await stage.open(f"/m/booking/{await stage.book('introduction')}/cancel")
    await stage.page.locator("#reason").fill("I am ill this week.")
    await stage.press(".button.danger")


@scene
async def asked_to_move(stage: Stage) -> None:
    id_ = await stage.book("introduction")
    await stage.shown.act(id_, "ask-to-reschedule", {"reason": "A visit came up."})
    await stage.open(f"/m/booking/{id_}")


@scene
async def unverified(stage: Stage) -> None:
    await stage.book("verified", _address())


@scene
async def verify(stage: Stage) -> None:
    address = _address()
    await stage.book("verified", address)
    await stage.open(await stage.mail_to(address, r"http\S+/v/\S+"))


@scene
async def requested(stage: Stage) -> None:
    await stage.book("approved")


@scene
async def declined(stage: Stage) -> None:
    id_ = await stage.book("approved")
    await stage.shown.act(id_, "decline", {"reason": "No time this month."})
    await stage.open(f"/m/booking/{id_}")


@scene
async def private_link(stage: Stage) -> None:
    link = await stage.shown.link("in-depth", max_uses=1)
    await stage.open(link["url"])


@scene
async def link_dead(stage: Stage) -> None:
    link = await stage.shown.link("in-depth", max_uses=1)
    gone = await stage.shown.organizer.caller.send("DELETE", f"/api/booking/v1/links/{link['id']}")
    assert gone.status_code == 204
    await stage.open(link["url"])


@scene
async def not_found(stage: Stage) -> None:
    await stage.open(f"{stage.page_address}/nothing-here")


@scene
async def not_available(stage: Stage) -> None:
    await stage.open("/with/nobody-at-all")


@scene
async def booking_without_cookie(stage: Stage) -> None:
    await stage.open(f"/m/booking/{uuid4()}")


@scene
async def me_ask(stage: Stage) -> None:
    await stage.open("/me")


@scene
async def me_data(stage: Stage) -> None:
    address = _address()
    await stage.book("introduction", address)
    await _ask_for_data(stage, address)


@scene
async def me_erase(stage: Stage) -> None:
    address = _address()
    await stage.book("introduction", address)
    await _ask_for_data(stage, address)
    await stage.press("a.danger")


@scene
async def me_erased(stage: Stage) -> None:
    await me_erase(stage)
    await stage.press("button.danger")


@scene
async def styleguide(stage: Stage) -> None:
    await stage.open("/styleguide")


async def _ask_for_data(stage: Stage, address: str) -> None:
    await stage.open("/me")
    await stage.page.locator("#email").fill(address)
    await stage.press("main .button")
    await stage.open(await stage.mail_to(address, r"http\S+/me/\S+"))
