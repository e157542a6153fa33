"""The event store against PostgreSQL: versions, sequences, atomicity, one round trip."""

import asyncio
import tempfile
from typing import IO, Any

import psycopg
import pytest

from services.chassis.events.many_keys import ChangeOfKey, append_to_many_keys
from services.chassis.events.streams import Change
from services.chassis.postgres.database import Database, Statement, sql
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime.cause import Cause
from tests.integration.chassis.toy import COUNTER, TOPIC, Added, add, store


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


async def change_of(database: Database, key: str, number: int) -> ChangeOfKey:
    """Return a change of a key's own stream that adds the number."""
    async with database.connection() as connection:
        loaded = await store.load(connection, COUNTER.stream(key))
    change = Change(loaded.get(COUNTER.stream(key)), [Added(number, loaded.now)], ["Add"])
    return ChangeOfKey(key, change, Cause(f"journey-{key}", f"parent-{key}", "ada"))


async def append_all(database: Database, changes: list[ChangeOfKey]) -> None:
    async with database.transaction() as connection:
        now = (await store.load(connection, COUNTER.stream("a"))).now
        await append_to_many_keys(connection, TOPIC, changes, at=now)


async def test_many_keys_are_appended_at_once_as_each_would_be_alone(database: Database) -> None:
    await add(database, "a", "a")
    unchanged = ChangeOfKey("c", Change((await change_of(database, "c", 1)).change.aggregate),
                            Cause("journey", "parent", "ada"))  # fmt: skip
    await append_all(
        database, [await change_of(database, "b", 2), await change_of(database, "a", 3), unchanged]
    )

    assert [("a", "counter-a", 1, 1), ("a", "counter-a", 2, 2), ("b", "counter-b", 1, 1)] == (
        await rows(
            database,
            "SELECT partition_key, stream, version, sequence FROM events"
            " ORDER BY partition_key, sequence",
        )
    )
    [stored] = await rows(database, "SELECT metadata FROM events WHERE stream = 'counter-b'")
    assert {
        "correlation_id": "journey-b",
        "causation_id": "parent-b",
        "actor": "ada",
        "traceparent": None,
        "commands": {"counter-b": ["Add"]},
    } == stored[0]
    staged = "SELECT convert_from(key, 'UTF8'), sequence, value IS NOT NULL FROM outbox"
    assert [("a", 1, True), ("a", 2, True), ("b", 1, True)] == (
        await rows(database, f"{staged} ORDER BY key, sequence")
    )
    async with database.connection() as connection:
        held = (await store.load(connection, COUNTER.stream("a"))).get(COUNTER.stream("a"))
    assert (2, 4) == (held.version, held.state)


async def test_one_stale_version_among_many_keys_is_a_conflict_and_writes_nothing(
    database: Database,
) -> None:
    stale = [await change_of(database, key, 1) for key in ("a", "b")]
    await add(database, "b", "b")

    with pytest.raises(VersionConflict):
        await append_all(database, stale)

    assert [("counter-b",)] == await rows(database, "SELECT stream FROM events")


async def test_many_keys_have_one_event_each(database: Database) -> None:
    one = await change_of(database, "a", 1)
    two = ChangeOfKey("b", Change(one.change.aggregate, [*one.change.events] * 2), one.cause)

    for refused in ([one, one], [two]):
        with pytest.raises(ValueError, match=r"two changes|too many values"):
            await append_all(database, refused)
