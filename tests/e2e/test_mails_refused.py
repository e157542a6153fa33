"""A mail server that refuses, in a real browser: retried, given up, sent again."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from deploy.local.stack import LocalStack
from tests.e2e.browser import BROWSERS, Attendee, BrowserKind, Mouse, signed_in
from tests.e2e.client import StackClients, after, wait_until
from tests.smtp_server import Answer, ScriptedServer

BOOKINGS = "/organizer/bookings"
VERA = "vera@example.test"
LOOKS = (
    BROWSERS[0],
    BrowserKind("phone", Mouse(), width=360, settings={"color_scheme": "dark", "locale": "da-DK"}),
)


@pytest.fixture(scope="module")
async def mail_server() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(scope="module")
async def clients(mail_server: ScriptedServer) -> AsyncIterator[StackClients]:
    """The whole product, with this mail server."""
    with LocalStack(environment={"BOOKWITH_SMTP_URL": mail_server.url}) as stack:
        made = StackClients(stack)
        yield made
        await made.close()


async def test_a_mail_is_retried_then_given_up_and_sent_again_by_its_organizer(
    browser: Browser, clients: StackClients, base: str, mail_server: ScriptedServer
) -> None:
    organizer = await clients.organizer("anna")
    kind = await organizer.meeting_type(title="Bridge talk")
    put_off: list[Answer] = ["put off"] * 4
    mail_server.answers(VERA, [*put_off, "refuse recipient"])
    booked = await clients.visitor().book(kind["id"], after(3, 10), VERA)
    assert booked.status_code == 201, booked.text
    address = f"{BOOKINGS}/{booked.json()['id']}"

    async with signed_in(browser, base, "anna", address) as user:
        await until_it_reads(user, address, "Being retried")
        assert await user.reads("The mail server does not take it at the moment.")
        assert await user.reads("Code of the mail server: 451")
        await until_it_reads(user, address, "Not delivered")
        assert await user.reads("A mail about this booking could not be delivered.")
        assert await user.reads("The mail server does not know the address")
        await user.open("/organizer")
        await user.press("Show the bookings")
        assert await user.reads("Mails that could not be delivered")
        await user.press("Vera Visitor")
        await user.page.get_by_role("button", name="Send again").click()
        await user.page.get_by_text("The mail is tried again now.").wait_for()
        await user.check_layout()
        await wait_until(lambda: taken(mail_server), 30, "the mail")
        await user.open(address)

        assert not await user.reads("Not delivered")
        assert await user.reads("Handed to the mail server:")


async def taken(mail_server: ScriptedServer) -> bool:
    return bool(mail_server.mails_to(VERA))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_a_mail_that_failed_is_told_in_both_languages_and_looks(
    look: BrowserKind,
    browser: Browser,
    clients: StackClients,
    base: str,
    mail_server: ScriptedServer,
) -> None:
    name, email = f"organizer-9{LOOKS.index(look)}", f"{look.name}@example.test"
    organizer = await clients.organizer(name)
    kind = await organizer.meeting_type()
    mail_server.answers(email, ["refuse recipient"])
    booked = await clients.visitor().book(kind["id"], after(4, 10), email)
    address = f"{BOOKINGS}/{booked.json()['id']}"

    async with signed_in(browser, base, name, address, look) as user:
        words = "Not delivered" if look is BROWSERS[0] else "Ikke leveret"
        await until_it_reads(user, address, words)
        for place in ("/organizer", BOOKINGS, f"{BOOKINGS}/list"):
            await user.open(place)  # looked over by axe


async def until_it_reads(user: Attendee, address: str, words: str) -> None:
    """Load the page until it has the words."""

    async def read() -> bool:
        await user.open(address)
        return await user.reads(words)

    await wait_until(read, 30, words)
