"""Administrators in a real browser: a page is blocked after a dry run, and allowed again."""

import time
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, Attendee, BrowserKind, Keyboard, attendee, signed_in
from tests.e2e.client import Organizer, StackClients, wait_until

APPLICATION = "MicrosoftOWSPersonalBookings"
SOON_SECONDS = 2.0
# Pages with times are loaded again by a script until the address names the reader's zone.
ZONE = "tz=Asia%2FTokyo"


async def until_page(clients: StackClients, organizer: Organizer, status: int) -> float:
    """Wait until the booking page answers so; return how long it took."""
    began, http = time.monotonic(), clients.client("booking")

    async def answers() -> bool:
        seen = await http.get(f"/with/{organizer.name}", headers={"Accept": "text/html"})
        return bool(seen.status_code == status)

    await wait_until(answers, 10, f"{status} for the page")
    return time.monotonic() - began


async def block(user: Attendee, why: str) -> None:
    """Fill in the form as the seed document's branch C says, and see what that would do."""
    policy = user.page.get_by_label("Applications (EwsApplicationAccessPolicy)")
    if isinstance(user.way.input_method, Keyboard):
        await user.way.input_method.write(user.page, policy, "All but")
    else:
        await policy.select_option("EnforceBlockList")
    blocked = user.page.get_by_label("Block-list (EwsBlockList)")
    await user.way.input_method.write(user.page, blocked, APPLICATION)
    await user.way.input_method.write(user.page, user.page.get_by_label("Why?"), why)
    await user.press("See what this would do")


@pytest.mark.parametrize("way", BROWSERS, ids=lambda way: way.name)
async def test_a_user_is_blocked_after_a_dry_run_and_allowed_again_from_the_audit(
    way: BrowserKind, browser: Browser, clients: StackClients
) -> None:
    name = f"organizer-61{BROWSERS.index(way)}"
    organizer, policy = await clients.organizer(name), clients.stack.url("policy")
    await until_page(clients, organizer, 200)

    async with signed_in(browser, policy, "ada", "/admin/users", way) as ada:
        await ada.open(f"/admin/users?{ZONE}")
        search = ada.page.get_by_label("Find a user")
        await way.input_method.write(ada.page, search, name)
        await ada.press("Search")
        await ada.press(organizer_shown(name))
        assert await ada.reads("So the user may have a page.")
        await block(ada, "The pilot is over")
        assert "1" == await ada.fact("Lose their page")
        await ada.press("Make the change")
        closed_after = await until_page(clients, organizer, 404)
        assert await ada.heading() == "The change is made"

        await ada.press("To the settings")
        assert await ada.reads("That alone would have to change.")
        await ada.press("Changes of this user's settings")
        await ada.press(f"Settings of {organizer_shown(name)}")
        await way.input_method.write(ada.page, ada.page.get_by_label("Why?"), "It goes on")
        await ada.press("See what this would do")
        assert "1" == await ada.fact("Gain their page")
        if await ada.page.get_by_label("I have read this").count():
            await tick(ada)
        await ada.press("Make the change")
        opened_after = await until_page(clients, organizer, 200)

    assert closed_after < SOON_SECONDS
    assert opened_after < SOON_SECONDS


async def tick(user: Attendee) -> None:
    box = user.page.get_by_label("I have read this")
    if isinstance(user.way.input_method, Keyboard):
        await user.way.input_method.write(user.page, box, " ")  # Enter would send the form
    else:
        await box.check()


def organizer_shown(name: str) -> str:
    """Return the name that the local provider gives the organizer."""
    return name.replace("-", " ").capitalize()


@pytest.mark.parametrize("way", [BROWSERS[0], BROWSERS[3]], ids=lambda way: way.name)
async def test_the_seeds_branch_c_for_the_organization_closes_every_page_and_is_undone(
    way: BrowserKind, browser: Browser, clients: StackClients
) -> None:
    organizer = await clients.organizer(f"organizer-61{5 + BROWSERS.index(way)}")
    policy, ada_api = clients.stack.url("policy"), clients.signed_in("ada", "policy")
    await until_page(clients, organizer, 200)
    try:
        async with signed_in(browser, policy, "ada", "/admin/organization", way) as ada:
            await ada.open(f"/admin/organization?{ZONE}")
            await block(ada, "Bookings with me is turned off for everybody")
            assert await ada.reads("Nobody will have a page any more")
            await ada.press("Make the change")
            assert await ada.reads("Tick this if the change is meant")
            await tick(ada)
            await ada.press("Make the change")
            closed_after = await until_page(clients, organizer, 404)
            await ada.press("To the audit")
            await ada.press("The organization's settings")
            await way.input_method.write(ada.page, ada.page.get_by_label("Why?"), "A mistake")
            await ada.press("See what this would do")
            if await ada.page.get_by_label("I have read this").count():
                await tick(ada)
            await ada.press("Make the change")
            opened_after = await until_page(clients, organizer, 200)
    finally:
        undone: dict[str, Any] = {"EwsApplicationAccessPolicy": None, "EwsBlockList": []}
        await ada_api.send(
            "PATCH",
            "/api/policy/v1/organization",
            {**undone, "reason": "a test", "confirm": True},
            headers={"If-Match": "*"},
        )

    assert closed_after < SOON_SECONDS
    assert opened_after < SOON_SECONDS


async def test_one_sign_in_leads_from_booking_to_policy_and_the_role_decides(
    browser: Browser, base: str, clients: StackClients
) -> None:
    policy = clients.stack.url("policy")
    async with signed_in(browser, base, "organizer-618", "/organizer") as user:
        assert 403 == await user.open(f"{policy}/admin")
        assert await user.heading() == "This page is for administrators"
        assert await user.reads("the role administrator")
        await user.check_layout()


async def test_an_administrator_who_has_signed_out_finds_the_way_back(
    browser: Browser, clients: StackClients
) -> None:
    policy = clients.stack.url("policy")
    async with attendee(browser, policy) as ada:
        await ada.page.goto(f"{policy}/admin/audit?lang=da")
        assert await ada.page.locator("h1").inner_text() == "Who are you?"
        await ada.page.get_by_label("Somebody else").fill("ada")
        await ada.page.get_by_role("button", name="Sign in", exact=True).click()
        await ada.page.wait_for_url("**/admin/audit**lang=da**tz=**")
        assert await ada.heading() == "Ændringslog"
