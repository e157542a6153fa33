"""What a fault of PostgreSQL becomes: unavailable, a lost race, or a refusal with its own class."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from psycopg import errors

from services.chassis.http.application import create_app
from services.chassis.http.middleware import RequestContext
from services.chassis.postgres.database import Database, enqueue, execute, sql
from services.chassis.postgres.faults import DatabaseUnavailable
from tests.integration.chassis.test_event_store import rows

END_SESSION = sql("SELECT pg_terminate_backend(pg_backend_pid())")
TOO_LARGE = sql("""
    INSERT INTO effects
    SELECT 'large', string_agg(md5(n::text), ''), 1 FROM generate_series(1, 1000) AS n
""")
LOSE_A_RACE = sql("DO $$ BEGIN RAISE EXCEPTION 'toy' USING ERRCODE = '40P01'; END $$")
MAKE_READ_ONLY = sql("SET TRANSACTION READ ONLY")
MAKE_IMPATIENT = sql("SET LOCAL statement_timeout = 50")
ADD = sql("INSERT INTO effects VALUES ('k', 'c', 1)")
SLEEP = sql("SELECT pg_sleep(10)")


async def test_a_session_that_the_server_ended_is_unavailable_and_the_next_one_works(
    database: Database,
) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction() as connection:
            await execute(connection, END_SESSION)
    with pytest.raises(DatabaseUnavailable):
        async with database.connection() as connection:
            await execute(connection, END_SESSION)

    assert await rows(database, "SELECT 1") == [(1,)]


async def test_a_timed_out_statement_and_a_server_that_takes_no_writes_are_unavailable(
    database: Database,
) -> None:
    with pytest.raises(DatabaseUnavailable, match="QueryCanceled"):
        async with database.transaction() as connection:
            await execute(connection, MAKE_IMPATIENT)
            await execute(connection, SLEEP)
    with pytest.raises(DatabaseUnavailable, match="ReadOnlySqlTransaction"):
        async with database.transaction() as connection:
            await execute(connection, MAKE_READ_ONLY)
            await execute(connection, ADD)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", size=2)
    nowhere._pool.timeout = 0.2
    await nowhere.open()
    with pytest.raises(DatabaseUnavailable):
        async with nowhere.connection():
            pass
    await nowhere.close()


async def test_a_refusal_keeps_its_class_wherever_in_the_pipeline_it_is_met(
    database: Database,
) -> None:
    with pytest.raises(errors.ProgramLimitExceeded):
        async with database.transaction() as connection:
            await execute(connection, TOO_LARGE)
    with pytest.raises(errors.ProgramLimitExceeded):
        async with database.transaction() as connection:
            await enqueue(connection, TOO_LARGE)
            await enqueue(connection, ADD)
    with pytest.raises(errors.ProgramLimitExceeded):
        async with database.transaction() as connection:
            await enqueue(connection, TOO_LARGE)
            await execute(connection, ADD)


async def test_a_lost_race_keeps_its_class_and_no_connection_is_doubted(
    database: Database,
) -> None:
    with pytest.raises(errors.DeadlockDetected):
        async with database.transaction() as connection:
            await execute(connection, LOSE_A_RACE)

    assert not database._checks


async def test_a_request_is_told_to_come_again_only_when_that_can_help(database: Database) -> None:
    routes = APIRouter()

    @routes.get("/ended")
    async def ended() -> None:
        async with database.transaction() as connection:
            await execute(connection, END_SESSION)

    @routes.get("/refused")
    async def refused() -> None:
        async with database.transaction() as connection:
            await execute(connection, TOO_LARGE)

    @routes.get("/race")
    async def race() -> None:
        async with database.transaction() as connection:
            await execute(connection, LOSE_A_RACE)

    async def nothing() -> None:
        return None

    app: Any = create_app(
        "toy", routers=[routes], required={}, wanted={}, refresh_metrics=nothing, refusals={}
    )
    transport = httpx.ASGITransport(RequestContext(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://toy") as client:
        answers = {path: await client.get(path) for path in ("/ended", "/refused", "/race")}

    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/ended": 503,
        "/refused": 500,
        "/race": 503,
    }
    assert {path for path, answer in answers.items() if "retry-after" in answer.headers} == {
        "/ended",
        "/race",
    }
