"""Time zones in a real browser: its own zone by the script, and one that hides it."""

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import BROWSERS, Attendee, attendee
from tests.e2e.client import ALL_DAY, StackClients

WORKING_DAYS = {day: [["09:00", "17:00"]] for day in ALL_DAY}


@pytest.fixture(scope="module")
async def kind(clients: StackClients) -> dict[str, Any]:
    """A public meeting type every day from nine to five in Copenhagen."""
    organizer = await clients.organizer("organizer-33")
    return await organizer.meeting_type(weekly_hours=WORKING_DAYS)


async def starts(visitor: Attendee) -> list[str]:
    buttons = await visitor.times().all()
    return [str(await each.get_attribute("value")) for each in buttons]


async def test_the_browsers_own_zone_keeps_the_day_of_the_times_in_the_address(
    browser: Browser, kind: dict[str, Any], clients: StackClients
) -> None:
    base = clients.stack.url("booking")
    async with attendee(browser, base, BROWSERS[3]) as anna:
        await anna.open(kind["url"])
        await anna.choose_day(0)
        address, copenhagens = anna.page.url, await starts(anna)
    async with attendee(browser, base, timezone_id="Pacific/Auckland") as vera:
        await vera.open(address)
        shown = await starts(vera)
        assert await vera.reads("Pacific/Auckland (UTC+1")

    assert "tz=" not in address
    assert len(copenhagens) == 16
    assert 2 * len({*shown} & {*copenhagens}) >= len(copenhagens)


async def test_a_browser_that_hides_its_zone_is_offered_the_organizers(
    browser: Browser, kind: dict[str, Any], clients: StackClients
) -> None:
    async with attendee(browser, clients.stack.url("booking"), timezone_id="UTC") as vera:
        await vera.open(kind["url"])
        await vera.choose_day(0)
        hidden = await starts(vera)
        assert await vera.reads("Some browsers hide their own time zone behind this one.")

        await vera.press("Show the times as")
        assert await starts(vera) == hidden
        assert not await vera.page.get_by_text("Some browsers hide").count()


async def test_an_older_name_of_the_browsers_zone_is_shown_as_todays(
    browser: Browser, kind: dict[str, Any], clients: StackClients
) -> None:
    base = clients.stack.url("booking")
    async with attendee(browser, base, timezone_id="Asia/Calcutta", locale="es-MX") as vera:
        await vera.open(kind["url"])
        await vera.choose_day(0)

        assert await vera.reads("Asia/Kolkata (UTC+05:30)")
        assert (await vera.times().first.inner_text()).endswith(" pm")
