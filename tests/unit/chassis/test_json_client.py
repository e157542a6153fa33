"""Another service asked for JSON: what it gives, what is no answer, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.chassis.http.json_client import JsonClient, NoAnswer, Refused

LARGEST = 1000
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def read(document: dict[str, Any]) -> int:
    return int(document["number"])


@asynccontextmanager
async def asking(answer: Answer, seconds: float = 0.5) -> AsyncIterator[JsonClient]:
    """Yield a client of a server that answers so."""
    app = web.Application()
    app.router.add_route("*", "/number", answer)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        client = JsonClient(url, name="numbers", seconds=seconds, largest=LARGEST)
        yield client
        await client.close()


def gives(status: int = 200, **content: Any) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(status=status, **content)

    return answer


async def leads_on(request: web.Request) -> web.Response:
    if "again" in request.query:
        return web.json_response({"number": 7})
    where = request.url.update_query(again="1")
    return web.Response(status=307, headers={"Location": str(where)})


async def never_ends(request: web.Request) -> web.StreamResponse:
    """Answer with a body without end: each piece comes well within a read's own time."""
    response = web.StreamResponse()
    await response.prepare(request)
    with suppress(ConnectionError):
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)
    return response


async def waits(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.json_response({"number": 7})


async def too_much(_: web.Request) -> web.Response:
    return web.Response(body=b'{"number": 7}' + b" " * LARGEST)


async def hangs_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    "answer",
    [
        gives(503, data={"number": 7}),
        gives(404, data={"number": 7}),
        gives(201, data={"number": 7}),
        leads_on,
        gives(text="<h1>Maintenance</h1>"),
        gives(text="[" * 900),
        gives(data={"unexpected": []}),
        gives(data=[]),
        gives(data=None),
        gives(data={"number": "seven"}),
        never_ends,
        waits,
        too_much,
        hangs_up,
    ],
    ids=[
        "away",
        "not there",
        "another success",
        "elsewhere",
        "no JSON",
        "too deep",
        "another document",
        "a list",
        "nothing",
        "another type",
        "endless",
        "late",
        "too large",
        "cut off",
    ],
)
async def test_what_is_not_usable_in_time_is_no_answer(answer: Answer) -> None:
    async with asking(answer) as client:
        with pytest.raises(NoAnswer):
            await client.get("/number", read)


async def test_where_nobody_listens_there_is_no_answer() -> None:
    client = JsonClient("http://127.0.0.1:9", name="numbers", seconds=5, largest=LARGEST)

    with pytest.raises(NoAnswer):
        await client.get("/number", read)
    await client.close()


@pytest.mark.parametrize("method", ["get", "post"])
async def test_what_the_service_says_is_read(method: str) -> None:
    seen: dict[str, str | None] = {}

    async def answer(request: web.Request) -> web.Response:
        seen.update(method=request.method, shown=request.headers.get("X-Token"))
        return web.json_response({"number": 7})

    async with asking(answer) as client:
        ask = client.get if method == "get" else client.post
        found = await ask("/number", read, headers={"X-Token": "a"})

    assert 7 == found
    assert {"method": method.upper(), "shown": "a"} == seen


async def test_a_refusal_that_the_caller_knows_is_told_with_its_status() -> None:
    async with asking(gives(404, data={})) as client:
        with pytest.raises(Refused) as refused:
            await client.get("/number", read, refusals=frozenset({404, 410}))

    assert 404 == refused.value.status
