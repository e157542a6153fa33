"""Feeds from a real server, good and hostile: bounded in time and memory, never read as free."""

import asyncio
import gzip
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from services.availability.calendars.entries.reader import EntryReader
from services.availability.calendars.feed.reader import FeedReader
from services.availability.calendars.port import (
    Broken,
    Changes,
    ComeAgain,
    Connected,
    Window,
)
from services.chassis.http.networks import networks
from services.chassis.http.outgoing import Outgoing
from services.chassis.ids import new_id
from tests.unit.availability.feeds.feeds import UTC_HOUR, Feed, event

WINDOW = Window(start=datetime(2026, 1, 1, tzinfo=UTC), end=datetime(2027, 2, 1, tzinfo=UTC))
ONE = Feed("one", event(UTC_HOUR), head="X-WR-CALNAME:Work").text.encode()
HERE = networks("127.0.0.0/8")
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[Connected]:
    """Serve at an address; return the calendar there."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/cal.ics"
    try:
        yield Connected(id=new_id(), organizer_id=new_id(), address=address)
    finally:
        await runner.cleanup()


@pytest.fixture
async def entries() -> AsyncIterator[EntryReader]:
    reader = EntryReader()
    yield reader
    await reader.close()


@pytest.fixture
def feeds(entries: EntryReader) -> FeedReader:
    return FeedReader(Outgoing(HERE, seconds=3, largest=20 * 1024 * 1024), entries)


def always(body: bytes = b"", status: int = 200, **headers: str) -> Handler:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers=named)

    return answer


async def read(feeds: FeedReader, handler: Handler) -> Changes:
    async with served(handler) as calendar:
        return await feeds.read(calendar, WINDOW)


async def reason(feeds: FeedReader, handler: Handler) -> str:
    with pytest.raises(Broken) as broken:
        await read(feeds, handler)
    return broken.value.reason


async def test_a_feed_is_read_with_its_name(feeds: FeedReader) -> None:
    found = await read(feeds, always(ONE))

    assert found.name == "Work"
    assert found.complete
    ((time_,),) = found.objects.values()
    assert time_.end - time_.start == timedelta(hours=1)


async def test_a_feed_that_has_not_changed_is_not_read_again(feeds: FeedReader) -> None:
    asked: list[str | None] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.headers.get("If-None-Match"))
        if asked[-1] == '"1"':
            return web.Response(status=304)
        return web.Response(body=ONE, headers={"ETag": '"1"'})

    async with served(answer) as calendar:
        first = await feeds.read(calendar, WINDOW)
        second = await feeds.read(replace(calendar, state=first.state), WINDOW)

    assert asked == [None, '"1"']
    assert (second.complete, second.objects, second.state) == (False, {}, first.state)


async def test_of_a_server_without_validators_the_same_text_is_no_change(feeds: FeedReader) -> None:
    async with served(always(ONE)) as calendar:
        first = await feeds.read(calendar, WINDOW)
        second = await feeds.read(replace(calendar, state=first.state), WINDOW)

    assert not second.complete


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (always(status=401), "sign_in_refused"),
        (always(status=403), "forbidden"),
        (always(status=404), "not_found"),
        (always(status=410), "not_found"),
        (always(status=500), "unreachable"),
        (always(b"<html>Sign in</html>"), "unreadable"),
        (always(b""), "unreadable"),
        (always(ONE[:-10]), "unreadable"),
        (always(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip"), "too_large"),
        (always(b"x" * 21 * 1024 * 1024), "too_large"),
        (always(status=302, Location="http://169.254.169.254/"), "address_not_allowed"),
        (always(status=302, Location="http://[::ffff:10.0.0.1]/"), "address_not_allowed"),
        (always(status=302, Location="file:///etc/passwd"), "address_not_allowed"),
    ],
)
async def test_what_is_no_feed_is_broken_and_says_why(
    feeds: FeedReader, handler: Handler, expected: str
) -> None:
    assert await reason(feeds, handler) == expected


async def test_a_server_that_asks_to_wait_is_left_alone_as_long(feeds: FeedReader) -> None:
    with pytest.raises(ComeAgain) as wait:
        await read(feeds, always(status=429, Retry_After="120"))

    assert wait.value.seconds == 120


async def test_a_feed_that_drips_is_given_up_in_time(feeds: FeedReader) -> None:
    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"BEGIN:VCALENDAR\r\n")
            await asyncio.sleep(0.05)

    begun = time.monotonic()
    assert await reason(feeds, drip) == "unreachable"
    assert time.monotonic() - begun < 15


async def test_ten_thousand_entries_are_read(feeds: FeedReader) -> None:
    many = "\n".join(event(UTC_HOUR, uid=str(number)) for number in range(10_000))

    found = await read(feeds, always(Feed("many", many).text.encode()))

    assert len(found.objects) == 10_000


HOURLY = "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYHOUR=" + ",".join(
    map(str, range(24))
)
# Each of them is within the rules of a series, all of them together are not.
HEAVY = Feed("", "\n".join(event(HOURLY, uid=str(number)) for number in range(50))).text.encode()


@pytest.mark.parametrize(
    "bounds", [{"seconds": 0.5}, {"cpu_seconds": 1}], ids=["waiting", "processor"]
)
async def test_a_text_that_takes_too_long_is_broken_and_the_next_one_is_read(
    bounds: dict[str, Any],
) -> None:
    reader = EntryReader(**bounds)
    begun = time.monotonic()
    with pytest.raises(Broken) as broken:
        await reader.read(HEAVY, window=WINDOW, time_zone="UTC")
    took = time.monotonic() - begun
    await reader.close()
    slower = EntryReader()
    found = await slower.read(ONE, window=WINDOW, time_zone="UTC")
    await slower.close()

    assert broken.value.reason == "too_large"
    assert took < 20  # the default would let it compute for ten seconds and wait for thirty
    assert len(found.objects) == 1


async def test_a_text_that_takes_too_much_memory_is_broken() -> None:
    reader = EntryReader(memory_bytes=100 * 1024 * 1024)
    await reader.read(ONE, window=WINDOW, time_zone="UTC")
    words = f"SUMMARY:{'x' * 500}"
    many = "\n".join(event(UTC_HOUR, words, uid=str(number)) for number in range(45_000))

    with pytest.raises(Broken) as broken:
        await reader.read(Feed("", many).text.encode(), window=WINDOW, time_zone="UTC")
    await reader.close()

    assert broken.value.reason == "too_large"


async def test_after_a_reader_was_killed_the_next_text_is_read(entries: EntryReader) -> None:
    await entries.read(ONE, window=WINDOW, time_zone="UTC")
    assert entries.pid is not None
    os.kill(entries.pid, signal.SIGKILL)

    with pytest.raises(Broken):
        await entries.read(ONE, window=WINDOW, time_zone="UTC")
    assert len((await entries.read(ONE, window=WINDOW, time_zone="UTC")).objects) == 1
