"""Loading a stream of a thousand events, beside a SELECT of its rows."""

import time
from pathlib import Path
from uuid import UUID

from psycopg import AsyncConnection

from benchmarks.ground import Ground, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.sample_events import AT
from services import booking
from services.booking.domain import page
from services.booking.page.streams import PAGE
from services.booking.store import store
from services.chassis.ids import new_id
from services.chassis.postgres.migrations import migrate

EVENTS = 1_000
LOADS = 50
_WRITE = """
    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ROWS = (
    "SELECT stream, version, type, data, metadata FROM events WHERE stream = %s ORDER BY version"
)


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both sides on one stream."""
    url = ground.new_database("benchmark_stream")
    migrate(url, Path(booking.__file__).parent / "migrations")
    organizer_id = new_id()
    stream = PAGE.stream(organizer_id)
    await _fill(url, organizer_id)
    async with opened(url, size=2) as database:

        async def ours() -> float:
            started = time.perf_counter()
            for _ in range(LOADS):
                PAGE.codec.forget_decoded()  # as for a stream that nobody has read yet
                async with database.connection() as connection:
                    loaded = await store.load(connection, stream)
                assert loaded.get(stream).version == EVENTS
            return (time.perf_counter() - started) / LOADS * 1000

        found, anchors = await in_turn(ours, lambda: _select(url, stream.name), samples)
    return Finding(
        name="long_stream",
        claim=f"a stream of {EVENTS:,} events is loaded and folded",
        anchor="a SELECT of its rows, nothing done with them",
        unit="ms",
        bar=Bar("at most", 5),
        ours=found,
        anchors=anchors,
    )


async def _fill(url: str, organizer_id: UUID) -> None:
    """Write the stream: a page whose address was renewed again and again."""
    stream = PAGE.stream(organizer_id).name
    events = [page.PageAddressRenewed(handle=f"handle-{number}") for number in range(EVENTS)]
    encoded = [PAGE.codec.encode(event) for event in events]
    rows = [
        (new_id(), stream, n, str(organizer_id), n, type_, AT, data, "{}")
        for n, (type_, data) in enumerate(encoded, 1)
    ]
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.cursor().executemany(_WRITE, rows)
        await connection.execute("VACUUM ANALYZE events")


async def _select(url: str, stream: str) -> float:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = connection.cursor()
        started = time.perf_counter()
        for _ in range(LOADS):
            await cursor.execute(_ROWS, (stream,), prepare=True)
            assert len(await cursor.fetchall()) == EVENTS
        return (time.perf_counter() - started) / LOADS * 1000
