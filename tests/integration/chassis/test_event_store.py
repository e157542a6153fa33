"""The event store against PostgreSQL: versions, sequences, atomicity, one round trip."""

import asyncio
import tempfile
from typing import IO, Any

import psycopg
import pytest

from services.chassis.events.streams import Change
from services.chassis.postgres.database import Database, Statement, sql
from services.chassis.postgres.faults import VersionConflict
from tests.integration.chassis.toy import COUNTER, Added, add, store


async def rows(database: Database, query: str) -> list[Any]:
    async with database.connection() as connection:
        cursor = await connection.execute(query.encode())
        return [tuple(row.values()) for row in await cursor.fetchall()]


async def test_what_was_appended_is_folded_again(database: Database) -> None:
    await add(database, "anna", "a", 2)
    await add(database, "anna", "a", 3)
    async with database.connection() as connection:
        held = (await store.load(connection, COUNTER.stream("a"))).get(COUNTER.stream("a"))

    assert (held.version, held.state) == (2, 5)


async def test_a_stream_that_is_not_there_is_the_initial_state(database: Database) -> None:
    async with database.connection() as connection:
        loaded = await store.load(connection, COUNTER.stream("none"))

    assert loaded.get(COUNTER.stream("none")).version == 0
    assert loaded.now.tzinfo is not None


async def test_a_stale_version_is_a_conflict_and_writes_nothing(database: Database) -> None:
    await add(database, "anna", "a")
    async with database.connection() as connection:
        stale = await store.load(connection, COUNTER.stream("a"))
    await add(database, "anna", "a")
    change = Change(stale.get(COUNTER.stream("a")), [Added(9, stale.now)])
    with pytest.raises(VersionConflict):
        async with database.transaction() as connection:
            await store.append(connection, "anna", [change], at=stale.now)

    assert await rows(database, "SELECT count(*), max(sequence) FROM events") == [(2, 2)]
    assert await rows(database, "SELECT last FROM sequences") == [(2,)]
    assert await rows(database, "SELECT count(*) FROM outbox") == [(2,)]


async def test_a_guarded_stream_that_moved_on_is_a_conflict_too(database: Database) -> None:
    async with database.connection() as connection:
        loaded = await store.load(connection, COUNTER.stream("a"), COUNTER.stream("b"))
    await add(database, "anna", "b")
    changes = [
        Change(loaded.get(COUNTER.stream("a")), [Added(1, loaded.now)]),
        Change(loaded.get(COUNTER.stream("b"))),
    ]
    with pytest.raises(VersionConflict):
        async with database.transaction() as connection:
            await store.append(connection, "anna", changes, at=loaded.now)

    assert await rows(database, "SELECT stream FROM events") == [("counter-b",)]


async def test_several_streams_share_one_sequence_without_gaps(database: Database) -> None:
    async with database.transaction() as connection:
        loaded = await store.load(connection, COUNTER.stream("a"), COUNTER.stream("b"))
        changes = [
            Change(loaded.get(COUNTER.stream(name)), [Added(1, loaded.now), Added(2, loaded.now)])
            for name in ("a", "b")
        ]
        await store.append(connection, "anna", changes, at=loaded.now)

    assert await rows(
        database, "SELECT stream, version, sequence FROM events ORDER BY sequence"
    ) == [
        ("counter-a", 1, 1),
        ("counter-a", 2, 2),
        ("counter-b", 1, 3),
        ("counter-b", 2, 4),
    ]


async def test_sixteen_writers_leave_contiguous_versions_and_sequences(database: Database) -> None:
    async def writer(number: int) -> None:
        for _ in range(20):
            await add(database, "anna", f"c{number % 4}")

    await asyncio.gather(*(writer(number) for number in range(16)))
    per_stream = await rows(
        database, "SELECT count(*), max(version) FROM events GROUP BY stream ORDER BY stream"
    )

    assert per_stream == [(80, 80)] * 4
    assert await rows(database, "SELECT count(*), min(sequence), max(sequence) FROM events") == [
        (320, 1, 320)
    ]


async def test_events_are_never_changed(database: Database) -> None:
    await add(database, "anna", "a")
    for statement in ("UPDATE events SET time = now()", "DELETE FROM events"):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            await rows(database, f"{statement} RETURNING 1")


async def test_a_failing_statement_before_or_after_leaves_nothing(database: Database) -> None:
    broken = Statement(sql("SELECT 1 / %(zero)s::integer"), {"zero": 0})
    for place in ("before", "after"):
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with database.transaction() as connection:
                loaded = await store.load(connection, COUNTER.stream("a"))
                change = Change(loaded.get(COUNTER.stream("a")), [Added(1, loaded.now)])
                await store.append(connection, "anna", [change], at=loaded.now, **{place: [broken]})

    assert await rows(database, "SELECT count(*) FROM events") == [(0,)]


async def test_a_load_and_an_append_with_its_commit_are_two_round_trips(
    database: Database,
) -> None:
    effect = Statement(
        sql("INSERT INTO effects VALUES (%(key)s, 'a', 1)"),
        {"key": "anna"},
    )

    async def append(trace: IO[bytes]) -> None:
        async with database.transaction() as connection:
            connection.pgconn.trace(trace.fileno())
            loaded = await store.load(connection, COUNTER.stream("a"))
            change = Change(loaded.get(COUNTER.stream("a")), [Added(1, loaded.now)])
            await store.append(
                connection, "anna", [change], at=loaded.now, before=[effect], after=[effect]
            )
        connection.pgconn.untrace()

    with tempfile.TemporaryFile() as trace:
        await append(trace)
        trace.seek(0)
        lines = trace.readlines()
    waits = [name for line in lines for name in (b"\tFlush", b"\tSync") if name in line]

    assert waits == [b"\tFlush", b"\tSync"]
    assert await rows(database, "SELECT count(*) FROM effects") == [(2,)]
