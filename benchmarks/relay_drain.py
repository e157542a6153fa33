"""The relay draining an outbox to Kafka, beside a raw read of the same rows."""

import time
from typing import TYPE_CHECKING

from psycopg import AsyncConnection

from benchmarks.ground import Ground, execute, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.sample_events import AT, reserved
from services.booking.bookings.publish import publish
from services.booking.bookings.streams import BOOKING
from services.chassis.events.streams import Recorded
from services.chassis.ids import new_id
from services.chassis.messaging.outbox import CHANNEL, headers_of
from services.chassis.messaging.relay import BATCH, Relay
from services.chassis.postgres.schema import OUTBOX_1, OUTBOX_2
from services.chassis.postgres.signals import Signals
from services.chassis.runtime.cause import current_cause

if TYPE_CHECKING:
    from services.booking.domain.booking import Event

ROWS = 40_000
KEYS = 500
TOPIC = "benchmark.relay.v1"

_STAGE = """
    INSERT INTO outbox (topic, key, sequence, headers, value)
    SELECT '{topic}', convert_to('organizer-' || mod(n, {keys}), 'UTF8'), 1 + n / {keys},
        '{headers}', convert_to('{value}', 'UTF8')
    FROM generate_series(1, {rows}) AS n
"""
_READ = "SELECT * FROM outbox WHERE position > %s ORDER BY position LIMIT %s"


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both sides on the same rows: the read leaves them there, the relay takes them."""
    url = ground.new_database("benchmark_relay", [OUTBOX_1, OUTBOX_2])
    await ground.new_topic(TOPIC)
    async with opened(url, size=2) as database:
        relay = Relay(database, ground.kafka, Signals(database, (CHANNEL,)), "benchmark")

        async def anchor() -> float:
            await execute(url, "TRUNCATE outbox", _staged(), "VACUUM ANALYZE outbox")
            return await _raw_read(url)

        async def ours() -> float:
            assert await relay.take_lease()
            started, drained = time.perf_counter(), 0
            while some := await relay.drain():
                drained += some
            assert drained == ROWS
            return ROWS / (time.perf_counter() - started)

        found, anchors = await in_turn(ours, anchor, samples)
        await relay.stop()
    return Finding(
        name="relay_drain",
        claim=f"the relay publishes {ROWS:,} rows to Kafka (acks=all) and marks them",
        anchor=f"a raw read of the same rows, {BATCH} at a time, nothing done with them",
        unit="rows/s",
        bar=Bar("at least", 0.25),
        ours=found,
        anchors=anchors,
    )


def _staged() -> str:
    organizer_id, booking_id = new_id(), new_id()
    event = reserved(organizer_id, new_id(), AT)
    recorded: Recorded[Event] = Recorded(
        booking_id, BOOKING.stream(booking_id).name, 1, str(organizer_id), AT, event
    )
    message = publish(recorded)
    headers = headers_of(message, id_=booking_id, at=AT, cause=current_cause())
    value = message.model_dump_json()
    return _STAGE.format(topic=TOPIC, keys=KEYS, rows=ROWS, headers=headers, value=value)


async def _raw_read(url: str) -> float:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = connection.cursor()
        started, position, read = time.perf_counter(), 0, 0
        while True:
            await cursor.execute(_READ, (position, BATCH), prepare=True)
            rows = await cursor.fetchall()
            if not rows:
                break
            position, read = rows[-1][0], read + len(rows)
        seconds = time.perf_counter() - started
    assert read == ROWS
    return ROWS / seconds
