"""A database that no longer answers, and a line to it that goes silent: every wait has an end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from services.chassis.http.application import create_app
from services.chassis.http.middleware import RequestContext
from services.chassis.postgres import patience
from services.chassis.postgres.connections import WatchedConnection, arguments, connect
from services.chassis.postgres.database import Database, enqueue, execute, fetch, sql
from services.chassis.postgres.faults import DatabaseUnavailable
from tests.integration.chassis.silent_line import SilentLine, silent_line
from tests.integration.chassis.test_event_store import rows

LONGEST_SECONDS = 3.0
SHORT = patience.Patience(connection=1.0, answer=1.0, whole=2.0)
ADD = sql("INSERT INTO effects VALUES ('k', 'c', 1)")
READ = sql("SELECT * FROM effects")


@pytest.fixture
async def line(database: Database) -> AsyncIterator[tuple[SilentLine, Database]]:
    """A database behind a line, with its pool filled."""
    async with silent_line(database.url) as line:
        behind = Database(line.url, size=4)
        await behind.open()
        async with behind.connection() as one, behind.connection() as two:
            await execute(one, READ)
            await execute(two, READ)
        yield line, behind
        line.speaks.set()
        await behind.close()


async def seconds_of(work: Awaitable[Any]) -> float:
    started = time.monotonic()
    await work
    return time.monotonic() - started


async def test_a_request_is_told_to_come_again_within_three_seconds_and_so_is_the_probe(
    line: tuple[SilentLine, Database],
) -> None:
    silent, database = line
    routes = APIRouter()

    @routes.get("/asked-twice")
    async def asked_twice() -> None:
        try:
            async with database.transaction() as connection:
                await enqueue(connection, ADD)
                await fetch(connection, READ)
        finally:
            async with database.connection() as connection:
                await execute(connection, ADD)

    async def nothing() -> None:
        return None

    app: Any = create_app(
        "toy",
        routers=[routes],
        required={"database": database.ping},
        wanted={"other": database.ping},
        refresh_metrics=nothing,
        refusals={},
    )
    transport = httpx.ASGITransport(RequestContext(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://toy") as client:
        assert (await client.get("/readyz")).status_code == 200
        silent.speaks.clear()
        started = time.monotonic()
        answers = await asyncio.gather(
            client.get("/readyz"), *(client.get("/asked-twice") for _ in range(8))
        )
        first = time.monotonic() - started
        second = await seconds_of(client.get("/readyz"))
        silent.speaks.set()
        async with asyncio.timeout(10):
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
        after = await client.get("/asked-twice")

    assert [answer.status_code for answer in answers] == [503] * 9
    assert all("retry-after" in answer.headers for answer in answers)
    assert first < LONGEST_SECONDS
    assert second < LONGEST_SECONDS
    assert after.status_code == 200


@pytest.mark.parametrize("within", ["connection", "transaction"])
async def test_work_that_nobody_waits_for_ends_as_well_and_the_next_goes_on(
    line: tuple[SilentLine, Database], monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    silent, database = line
    monkeypatch.setattr(patience, "current", lambda *, suspicious: SHORT)
    silent.speaks.clear()
    started = time.monotonic()
    lend: Callable[[], Any] = getattr(database, within)
    with pytest.raises(DatabaseUnavailable):
        async with lend() as connection:
            await execute(connection, ADD)
    took = time.monotonic() - started
    silent.speaks.set()
    async with asyncio.timeout(10):
        await database.ping()

    assert took < LONGEST_SECONDS


async def test_a_connection_that_waits_long_for_an_answer_that_comes_is_not_cut(
    database: Database,
) -> None:
    async with await WatchedConnection.connect(
        database.url, **arguments(database.url)
    ) as connection:
        connection.answer_seconds = 1.0
        for _ in range(3):
            await connection.execute("SELECT pg_sleep(0.5)")

        assert not connection.silent


async def test_a_session_has_its_settings_and_the_url_may_say_otherwise_of_the_line(
    database: Database,
) -> None:
    names = ("timezone", "statement_timeout", "lock_timeout", "client_connection_check_interval")
    found = [(await rows(database, f"SHOW {name}"))[0][0] for name in names]
    listening = await database.listen()
    cursor = await listening.execute("SHOW timezone")
    shown = await cursor.fetchone()
    await listening.close()

    assert found == ["UTC", "15s", "10s", "2s"]
    assert shown == {"TimeZone": "UTC"}
    assert arguments(database.url)["connect_timeout"] == 2
    assert "connect_timeout" not in arguments(f"{database.url}?connect_timeout=9")
    other = await connect(f"{database.url}?connect_timeout=9")
    await other.close()
