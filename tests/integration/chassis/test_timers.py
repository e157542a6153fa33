"""Timers against PostgreSQL: fired at their time, once, by whichever process comes first."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.events import retries, timers
from services.chassis.events.timers import Timers
from services.chassis.postgres.database import Connection, Database, run_all
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime.telemetry import APPEND_RETRIES, TIMERS_FIRED
from tests.integration.chassis.test_event_store import rows

PAST = datetime(2020, 1, 1, tzinfo=UTC)


async def schedule(database: Database, *keys: str, due_at: datetime = PAST) -> None:
    async with database.connection() as connection:
        await run_all(connection, [timers.schedule("toy", key, due_at) for key in keys])


class Fired:
    """Notes what fires in the table of effects, and fails for the keys it is told to."""

    def __init__(self, *failing: str) -> None:
        self._failing = failing

    async def __call__(self, connection: Connection, key: str) -> None:
        await connection.execute(b"INSERT INTO effects VALUES (%s, 'toy', 1)", (key,))
        if key in self._failing:
            raise ValueError(key)


def running(database: Database, fired: Fired) -> Timers:
    return Timers(database, {"toy": fired}, on_commit=lambda: None)


async def test_what_is_due_fires_once_and_is_gone(database: Database) -> None:
    await schedule(database, "a")
    shared = running(database, Fired())

    assert await shared.fire_one()
    assert not await shared.fire_one()
    assert await rows(database, "SELECT key FROM effects") == [("a",)]
    assert await rows(database, "SELECT count(*) FROM timers") == [(0,)]


async def test_what_is_not_due_waits_and_can_be_moved_or_cancelled(database: Database) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await schedule(database, "a", "b", due_at=tomorrow)
    shared = running(database, Fired())

    assert not await shared.fire_one()
    await schedule(database, "a")
    async with database.connection() as connection:
        await run_all(connection, [timers.cancel("toy", "b")])
    assert await shared.fire_one()
    assert await rows(database, "SELECT count(*) FROM timers") == [(0,)]


async def test_one_that_fails_leaves_no_effect_waits_and_holds_nobody_up(
    database: Database,
) -> None:
    await schedule(database, "bad", "good")
    shared = running(database, Fired("bad"))
    while await shared.fire_one():
        pass

    assert await rows(database, "SELECT key FROM effects") == [("good",)]
    assert await rows(database, "SELECT key, attempts, due_at > clock_timestamp() FROM timers") == [
        ("bad", 1, True)
    ]


async def test_two_processes_fire_each_timer_once(database: Database) -> None:
    await schedule(database, *(f"k{number}" for number in range(60)))

    async def fire(shared: Timers) -> None:
        while await shared.fire_one():
            pass

    await asyncio.gather(*(fire(running(database, Fired())) for _ in range(4)))

    assert await rows(
        database, "SELECT count(*) AS all, count(DISTINCT key) AS keys FROM effects"
    ) == [(60, 60)]


async def test_one_whose_statement_the_database_refuses_waits_and_holds_nobody_up(
    database: Database,
) -> None:
    await schedule(database, "large", "small")
    before = TIMERS_FIRED.labels("toy", "failed")._value.get()

    async def fire(connection: Connection, key: str) -> None:
        size = 1_000 if key == "large" else 1  # an index takes no row of 32 kB: SQLSTATE 54000
        await connection.execute(
            b"INSERT INTO effects SELECT %s, string_agg(md5(n::text), ''), 1"
            b" FROM generate_series(1, %s) AS n",
            (key, size),
        )

    shared = Timers(database, {"toy": fire}, on_commit=lambda: None)
    while await shared.fire_one():
        pass

    assert await rows(database, "SELECT key FROM effects") == [("small",)]
    assert await rows(database, "SELECT key, attempts FROM timers") == [("large", 1)]
    assert TIMERS_FIRED.labels("toy", "failed")._value.get() == before + 1


async def test_one_that_loses_a_race_is_fired_in_a_later_round_and_the_rounds_are_counted(
    database: Database,
) -> None:
    await schedule(database, "a")
    before, rounds = APPEND_RETRIES._value.get(), itertools.count(1)

    async def fire(connection: Connection, key: str) -> None:
        await connection.execute(b"INSERT INTO effects VALUES (%s, 'toy', 1)", (key,))
        if next(rounds) <= 5:
            raise VersionConflict

    assert await Timers(database, {"toy": fire}, on_commit=lambda: None).fire_one()
    assert await rows(database, "SELECT key FROM effects") == [("a",)]
    assert await rows(database, "SELECT count(*) FROM timers") == [(0,)]
    assert APPEND_RETRIES._value.get() == before + 5


async def test_one_that_loses_every_round_waits_and_holds_nobody_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    await schedule(database, "contended", "free")

    async def fire(connection: Connection, key: str) -> None:
        if key == "contended":
            raise VersionConflict

    shared = Timers(database, {"toy": fire}, on_commit=lambda: None)
    while await shared.fire_one():
        pass

    assert await rows(database, "SELECT key, attempts FROM timers") == [("contended", 1)]
