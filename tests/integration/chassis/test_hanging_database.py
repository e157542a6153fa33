"""A line to PostgreSQL that falls silent: requests and readiness are answered in three seconds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from time import monotonic
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from services.chassis.http.application import create_app
from services.chassis.http.idempotency import Idempotency
from services.chassis.http.middleware import RequestContext
from services.chassis.postgres.database import Database, execute, fetch_one, sql
from tests.integration.chassis.silent_line import SilentLine, silent_line
from tests.integration.chassis.test_idempotency import KEY, KEYS, nothing, who_sent

ONE = sql("SELECT 1 AS one")


def asking(database: Database, line: SilentLine) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.get("/read")
    async def read() -> int:
        async with database.connection() as connection:
            row = await fetch_one(connection, ONE)
        return int(row["one"]) if row else 0

    @routes.post("/write")
    async def write() -> None:
        """Meet the silence in the middle of a transaction."""
        async with database.transaction() as connection:
            await execute(connection, ONE)
            line.speaks.clear()
            await execute(connection, ONE)

    return routes


@pytest.fixture
async def line(database: Database) -> AsyncIterator[SilentLine]:
    async with silent_line(database.url) as opened:
        yield opened


@pytest.fixture
async def client(line: SilentLine) -> AsyncIterator[httpx.AsyncClient]:
    over_the_line = Database(line.url, size=4)
    await over_the_line.open()

    app: Any = create_app(
        "toy",
        routers=[asking(over_the_line, line)],
        required={"database": over_the_line.ping},
        wanted={},
        refresh_metrics=nothing,
        refusals={},
    )
    app = Idempotency(app, database=over_the_line, keys=KEYS, who_sent=who_sent)
    app = RequestContext(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://toy", timeout=20) as opened:
        yield opened
    line.speaks.set()
    await over_the_line.close()


async def timed(answer: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
    began = monotonic()
    return await answer, monotonic() - began


async def first_answer(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Any:
    """Return status and headers as they are sent, without waiting for what ends behind them."""
    app = client._transport.app  # type: ignore[attr-defined] # httpx's transport for applications
    sent: asyncio.Queue[Any] = asyncio.Queue()
    headers = [(name.lower().encode(), value.encode()) for name, value in more.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": headers,
        "query_string": b"",
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    serving = asyncio.create_task(app(scope, receive, sent.put))
    async with asyncio.timeout(10):
        start = await sent.get()
    return start["status"], dict(start["headers"]), serving


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/api/read", {}),
        ("POST", "/api/write", {}),
        ("POST", "/api/write", {"Idempotency-Key": KEY}),
    ],
)
async def test_a_request_that_hangs_with_the_database_is_503_within_three_seconds(
    client: httpx.AsyncClient, line: SilentLine, method: str, path: str, headers: dict[str, str]
) -> None:
    assert 200 == (await client.get("/api/read")).status_code
    if method == "GET":
        line.speaks.clear()
    began = monotonic()
    status, told, serving = await first_answer(client, method, path, **headers)
    seconds = monotonic() - began
    line.speaks.set()
    await serving

    assert (503, b"2") == (status, told[b"retry-after"])
    assert seconds < 3
    assert 200 == (await client.get("/api/read")).status_code


async def test_readiness_says_within_three_seconds_that_the_database_hangs(
    client: httpx.AsyncClient, line: SilentLine
) -> None:
    ready, _ = await timed(client.get("/readyz"))
    line.speaks.clear()
    hanging, seconds = await timed(client.get("/readyz"))

    assert (200, 503) == (ready.status_code, hanging.status_code)
    assert ["database"] == list(hanging.json()["not_ready"])
    assert seconds < 3
