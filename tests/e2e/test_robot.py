"""A robot opens every link of every page and mail, with scripts on: nothing is changed by it."""

import re
from collections import deque
from urllib.parse import urlsplit

import psycopg
from playwright.async_api import Browser, BrowserContext

from deploy.local.stack import LocalStack
from tests.e2e.browser import sign_in
from tests.e2e.client import StackClients, after, wait_until
from tests.e2e.inbox import Inbox

ATTENDEE = "opened-by-robots@visitors.example"
MOST_PAGES = 120
# What differs only in these is the same page for the robot.
_SAME = re.compile(r"(/[0-9a-f-]{36})|(day|month|week|from|tz|lang|start|minutes)=[^&]*")


def written(stack: LocalStack) -> dict[str, int]:
    """Return how many events each service has ever stored."""
    found = {}
    for service in ("booking", "availability", "notifier", "policy"):
        with psycopg.connect(stack.database_url(service)) as connection:
            has = connection.execute("SELECT to_regclass('events') IS NOT NULL").fetchone()
            if has and has[0]:
                row = connection.execute("SELECT count(*) FROM events").fetchone()
                found[service] = int(row[0]) if row else 0
    return found


async def crawled(context: BrowserContext, first: list[str]) -> tuple[set[str], list[str]]:
    """Open all that the pages link to on our own hosts; return the kinds of pages, and 5xx."""
    hosts = {urlsplit(each).netloc for each in first}
    waiting, seen, broken = deque(first), set[str](), list[str]()
    page = await context.new_page()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.popleft().partition("#")[0]
        kind = _SAME.sub("", address)
        if urlsplit(address).netloc not in hosts or kind in seen:
            continue
        seen.add(kind)
        if re.search(r"\.ics|/export|/data", address):  # a file, for which no page opens
            answer = await context.request.get(address)
            broken += [address] if answer.status >= 500 else []
            continue
        shown = await page.goto(address)
        await page.wait_for_load_state("load")
        broken += [address] if shown is None or shown.status >= 500 else []
        waiting.extend(
            await page.evaluate("[...document.querySelectorAll('a[href]')].map(each => each.href)")
        )
    await page.close()
    return seen, broken


async def test_nothing_is_changed_by_opening_every_link(
    browser: Browser, clients: StackClients, inbox: Inbox
) -> None:
    organizer = await clients.organizer("organizer-46")
    kind = await organizer.meeting_type(title="Opened by robots")
    asked = await organizer.meeting_type(title="Asked for", approval_required=True)
    proven = await organizer.meeting_type(title="Proven", verification_required=True)
    private = await organizer.meeting_type(title="In private", visibility="private")
    link = await organizer.link(private["id"], max_uses=1)
    visitor, made = clients.visitor(), []
    for hour, each in enumerate((kind, asked, proven)):
        booked = await visitor.book(each["id"], after(3, 9 + hour), ATTENDEE)
        assert booked.status_code < 300, booked.text
        made.append(booked.json())
    about_me = await clients.client("booking").post("/me", data={"email": ATTENDEE})
    assert about_me.status_code < 500

    async def mailed() -> bool:
        return len(await inbox.to(ATTENDEE)) >= 3

    await wait_until(mailed, 30, "the letters")
    letters = [*await inbox.to(ATTENDEE), *await inbox.to(organizer.email)]
    linked = {
        address
        for letter in letters
        for address in re.findall(r"https?://[^\s\"'<>)]+", letter.text + letter.html)
    }
    base = clients.stack.url("booking")
    ours = [each for each in linked if urlsplit(each).netloc == urlsplit(base).netloc]
    before = written(clients.stack)

    context = await browser.new_context(locale="en-GB", accept_downloads=True)
    as_visitor, broken = await crawled(
        context, [*ours, link["url"], f"{base}/with/organizer-46", f"{base}/me"]
    )
    page = await context.new_page()
    await sign_in(page, f"{base}/organizer/bookings", "organizer-46")
    signed_in = written(clients.stack)
    as_organizer, broken_there = await crawled(context, [f"{base}/organizer"])
    await context.close()

    assert [] == [*broken, *broken_there]
    assert len(as_visitor) > 15, as_visitor
    assert len(as_organizer) > 25, as_organizer
    assert before == signed_in == written(clients.stack)
    states = [(await visitor.show(each))["status"] for each in made]
    assert ["confirmed", "requested", "unverified"] == states
