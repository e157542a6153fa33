"""Users who do anything that the pages let them do: nothing breaks, ends nowhere or is lost."""

import os
import random
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import sign_in
from tests.e2e.client import BOOKING, Organizer, StackClients, after, instant, wait_until
from tests.e2e.exploring import Explorer

# A longer walk: BOOKWITH_EXPLORE_SECONDS=600. The same again: BOOKWITH_EXPLORE_SEED=<number>.
SECONDS = float(os.environ.get("BOOKWITH_EXPLORE_SECONDS") or 10)
SEED = int(os.environ.get("BOOKWITH_EXPLORE_SEED") or random.SystemRandom().getrandbits(32))
NAME = "organizer-45"
WIDTHS = {"public": 1280, "private": 360, "organizer": 1280}


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    """An organizer with types of each kind, and bookings in each state."""
    made = await clients.organizer(NAME)
    public = await made.meeting_type(title="Open talk", durations_minutes=[30, 60])
    asked = await made.meeting_type(title="On request", approval_required=True)
    for hour, kind in enumerate((public, public, asked, asked)):
        booked = await clients.visitor().book(kind["id"], after(4, 9 + hour), "a@example.test")
        assert booked.status_code == 201, booked.text
    return made


async def bookings(organizer: Organizer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        seen = (await organizer.caller.get(f"{BOOKING}/bookings", None, **query)).json()
        found += seen["items"]
        if not (cursor := seen.get("next_cursor")):
            return found
        query = {"cursor": cursor}


@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("who", WIDTHS)
async def test_whatever_a_user_does_nothing_breaks_or_ends_nowhere(
    who: str, browser: Browser, clients: StackClients, organizer: Organizer
) -> None:
    base = clients.stack.url("booking")
    context = await browser.new_context(
        viewport={"width": WIDTHS[who], "height": 800},
        locale="da-DK" if who == "private" else "en-GB",
        timezone_id="Pacific/Auckland" if who == "public" else "Europe/Copenhagen",
        accept_downloads=False,
    )
    context.set_default_timeout(15_000)
    page = await context.new_page()
    start = f"{base}/with/{NAME}"
    # Availability is asked by booking, never by the browser.
    hosts = {urlsplit(base).netloc}
    if who == "private":
        kind = await organizer.meeting_type(title="In private", visibility="private")
        start = (await organizer.link(kind["id"], max_uses=50))["url"]
    if who == "organizer":
        start = f"{base}/organizer/bookings"
        await sign_in(page, start, NAME)
        hosts.add(urlsplit(clients.stack.oidc_url).netloc)
    explorer = Explorer(page, random.Random(SEED), start, frozenset(hosts))
    explorer.listen()
    try:
        await explorer.walk(SECONDS)
    finally:
        await context.close()

    told = "\n".join(explorer.steps[-15:])
    assert [] == explorer.wrong, f"BOOKWITH_EXPLORE_SEED={SEED}, {who}, after\n{told}"
    assert len(explorer.steps) > SECONDS / 5


async def test_behind_all_that_no_time_is_taken_twice_and_no_hold_is_left(
    organizer: Organizer,
) -> None:
    """Runs behind the walks, whose holds end by their deadline at the latest."""
    found = await bookings(organizer)
    meetings = sorted(
        (instant(each["start"]), instant(each["end"]), each["id"])
        for each in found
        if each["status"] in ("held", "confirmed", "requested")
    )

    assert [] == [(one, other) for one, other in pairwise(meetings) if one[1] > other[0]], (
        "two of one organizer share a time"
    )

    async def none_overdue() -> bool:
        held = [each for each in await bookings(organizer) if each["status"] == "held"]
        return all(instant(each["hold_expires_at"]) > datetime.now(UTC) for each in held)

    await wait_until(none_overdue, 30, "the end of every hold at its deadline")
