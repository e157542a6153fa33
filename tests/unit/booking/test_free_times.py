"""What availability offers, when it answers, when it is slow, when it says something else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.booking import free_times
from services.booking.free_times import FreeTimes, FreeTimesClient, Opening

TYPE = Opening(meeting_type_id=UUID(int=1))
TEN = datetime(2026, 12, 3, 10, tzinfo=UTC)
SLOTS = [
    {"start": f"2026-12-0{day}T10:00:00Z", "end": f"2026-12-0{day}T10:30:00Z"}
    for day in range(1, 8)
]


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def asking(answer: Answer) -> AsyncIterator[FreeTimesClient]:
    """Yield a client of a server that answers so."""
    app = web.Application()
    app.router.add_get("/api/availability/v1/slots", answer)
    async with TestServer(app) as server:
        client = FreeTimesClient(str(server.make_url("")).rstrip("/"))
        yield client
        await client.close()


def gives(status: int = 200, **content: Any) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(status=status, **content)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        gives(503, data={}),
        gives(data={"unexpected": []}),
        gives(data=[]),
        gives(data={"slots": [{"start": "2026-12-03T10:00:00", "end": "2026-12-03T11:00:00"}]}),
        gives(data={"slots": [{"start": 7}]}),
        gives(data={"slots": [], "unknown": True}),
    ],
    ids=[
        "away",
        "another document",
        "a list",
        "times of no zone",
        "no times",
        "a calendar that was not read for long",
    ],
)
async def test_free_times_are_unknown_when_availability_gives_no_usable_answer_in_time(
    answer: Answer,
) -> None:
    async with asking(answer) as client:
        found = await client.between(TYPE, "2026-12-01", "2026-12-02")

    assert found == free_times.UNKNOWN


async def test_free_times_are_unknown_when_nobody_listens() -> None:
    client = FreeTimesClient("http://127.0.0.1:9")

    assert await client.between(TYPE, "2026-12-01", "2026-12-02") == free_times.UNKNOWN

    await client.close()


async def test_the_free_times_are_those_of_the_answer() -> None:
    document = {"slots": SLOTS[:2], "next_free_day": "2026-12-01", "stale": False}

    async with asking(gives(data=document)) as client:
        found = await client.between(TYPE, "2026-12-01", "2026-12-03")

    assert found == FreeTimes(
        known=True,
        starts=(TEN - timedelta(days=2), TEN - timedelta(days=1)),
        length=timedelta(minutes=30),
        next_free_day=date(2026, 12, 1),
    )


async def test_one_connection_serves_one_request_after_the_other() -> None:
    peers = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response({"slots": []})

    async with asking(answer) as client:
        for _ in range(3):
            await client.between(TYPE, "2026-12-01", "2026-12-03")

    assert 1 == len(peers)


async def test_the_nearest_times_come_earliest_first() -> None:
    async with asking(gives(data={"slots": SLOTS})) as client:
        found = await client.nearest(TYPE, TEN)

    assert [f"{slot.start:%Y-%m-%d}" for slot in found] == [
        f"2026-12-0{day}" for day in range(1, 6)
    ]


async def test_equal_requests_at_once_share_one_answer_and_later_ones_get_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_times, "SHARED_SECONDS", 0.05)
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.json_response({"slots": SLOTS})

    async with asking(answer) as client:
        found = [*await asyncio.gather(*(client.nearest(TYPE, TEN) for _ in range(20)))]
        found.append(await client.nearest(TYPE, TEN))
        once = len(asked)
        await client.nearest(replace(TYPE, link_token="another"), TEN)
        other = len(asked)
        await asyncio.sleep(0.1)
        await client.nearest(TYPE, TEN)

    assert [1, 2, 3] == [once, other, len(asked)]
    assert all(each == found[0] for each in found)
