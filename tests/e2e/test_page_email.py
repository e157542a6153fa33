"""Another mail address for the page, in a real browser: asked for, mailed, proven by one press."""

import re

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, BrowserKind, signed_in
from tests.e2e.client import BOOKING, StackClients, new_key, wait_until
from tests.e2e.inbox import Inbox

# An organizer gets three letters an hour: each test has its own.
NAMES = [f"organizer-73{number}" for number in range(6)]
PAGE = "/organizer/page"
LINK = r"https?://\S+/organizer/page/email/[\w-]+"


async def letter_to(inbox: Inbox, email: str) -> str:
    """Return the address of the link in the letter."""

    async def found() -> str | None:
        links = [re.search(LINK, mail.text) for mail in await inbox.to(email)]
        return next((link[0] for link in links if link), None)

    link: str = await wait_until(found, 30, f"the letter to {email}")
    return link


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_the_link_in_the_letter_proves_the_pages_address_by_one_press_and_once(
    way: BrowserKind, browser: Browser, clients: StackClients, base: str, inbox: Inbox
) -> None:
    name = NAMES[BROWSERS.index(way)]
    organizer = await clients.organizer(name)
    email = f"own-{new_key()}@elsewhere.example"

    async def used() -> tuple[str, bool]:
        page = (await organizer.caller.get(f"{BOOKING}/page")).json()
        return page["email"], page["email_proven"]

    async with signed_in(browser, base, name, PAGE, way) as user:
        await user.check_layout()
        field = user.page.get_by_label("New mail address")
        await way.input_method.write(user.page, field, email)
        await user.press("Send the link")
        assert await user.reads(f"A link was mailed to {email}.")
        link = await letter_to(inbox, email)

        wrong = await user.open(f"{link[:-4]}AAAA")
        assert (410, "This link no longer works") == (wrong, await user.heading())
        await user.open(link)
        assert await user.heading() == "Use this mail address?"
        assert email == await user.fact("From now on")
        assert email != (await used())[0]
        await user.press("Use this address")
        assert await user.reads("Your page has the new mail address.")
        assert user.page.url.startswith(f"{base}{PAGE}")
        assert (email, True) == await used()

        again = await user.open(link)
        assert (410, "This link no longer works") == (again, await user.heading())
        await user.press("To your page's settings")
        assert (email, True) == await used()


async def test_a_link_that_somebody_else_opens_proves_nothing_and_says_so(
    browser: Browser, clients: StackClients, base: str, inbox: Inbox
) -> None:
    organizer = await clients.organizer(NAMES[4])
    await clients.organizer(NAMES[5])
    email = f"own-{new_key()}@elsewhere.example"
    asked = await organizer.caller.send("POST", f"{BOOKING}/page/email-request", {"email": email})
    assert asked.status_code == 202, asked.text
    link = await letter_to(inbox, email)

    async with signed_in(browser, base, NAMES[5], PAGE) as other:
        assert 410 == await other.open(link)
        assert await other.heading() == "This link no longer works"
        assert not await other.reads(email)
