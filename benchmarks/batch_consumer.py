"""Our consumers writing a projection, beside bare aiokafka `getmany` with the same SQL."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    TopicPartition,
)
from psycopg import AsyncConnection

from benchmarks.ground import Ground, execute, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.sample_events import AT, published
from contracts.booking import SlotReserved
from contracts.envelope import Envelope
from services.chassis.ids import new_id
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.faststream_consumer import MAX_RECORDS, GroupMember
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection, Database, enqueue, sql
from services.chassis.postgres.schema import INBOX_1, INBOX_2, OUTBOX_1, OUTBOX_2

RECORDS = 20_000
KEYS = 500
TOPIC = "benchmark.consumer.v1"
SCHEMA = (
    INBOX_1,
    INBOX_2,
    OUTBOX_1,
    OUTBOX_2,
    """
    CREATE TABLE claims (
        booking_id uuid PRIMARY KEY,
        organizer_id uuid NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL
    )
    """,
)
EMPTY = ("TRUNCATE inbox, claims", "CHECKPOINT")
PUT = """
    INSERT INTO claims (booking_id, organizer_id, starts_at, ends_at)
    VALUES (%(booking_id)s, %(organizer_id)s, %(starts_at)s, %(ends_at)s)
    ON CONFLICT (booking_id) DO UPDATE SET
        starts_at = excluded.starts_at, ends_at = excluded.ends_at
"""
_PUT = sql(PUT)


async def on_slot_reserved(connection: Connection, event: SlotReserved, _: Envelope) -> None:
    await enqueue(
        connection,
        _PUT,
        booking_id=event.booking_id,
        organizer_id=event.organizer_id,
        starts_at=event.start,
        ends_at=event.end,
    )


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both sides on one topic, each time as a new group from its beginning."""
    url = ground.new_database("benchmark_consumer", SCHEMA)
    await ground.new_topic(TOPIC)
    await _fill(ground.kafka)
    groups = (f"group-{number}" for number in count(1))
    async with opened(url, size=4) as database:

        async def ours() -> float:
            await execute(url, *EMPTY)
            return await _ours(database, ground.kafka, next(groups))

        async def anchor() -> float:
            await execute(url, *EMPTY)
            return await _bare(url, ground.kafka, next(groups))

        found, anchors = await in_turn(ours, anchor, samples)
    return Finding(
        name="batch_consumer",
        claim=f"consumers apply {RECORDS:,} events: envelope, contract, inbox, projection",
        anchor="bare aiokafka getmany, json.loads, the same SQL in a pipeline, then the offsets",
        unit="events/s",
        bar=Bar("at least", 0.5),
        ours=found,
        anchors=anchors,
    )


async def _fill(bootstrap_servers: str) -> None:
    organizers = [new_id() for _ in range(KEYS)]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, max_batch_size=256 * 1024)
    await producer.start()
    deliveries = []
    for number in range(RECORDS):
        start = AT + timedelta(minutes=30 * number)
        key, value, headers = published(organizers[number % KEYS], 1 + number // KEYS, start)
        deliveries.append(await producer.send(TOPIC, key=key, value=value, headers=headers))
    await asyncio.gather(*deliveries)
    await producer.stop()


class Reserved(SlotReserved):
    """The event on the benchmark's own topic: on another than its own it would be parked."""

    TOPIC: ClassVar[str] = TOPIC


class _Stopwatch:
    """Runs from the group's settling until all records are done."""

    def __init__(self) -> None:
        self._started = 0.0
        self._rate = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        self._started = self._started or time.perf_counter()

    def done(self) -> None:
        if not self._rate.done():
            self._rate.set_result(RECORDS / (time.perf_counter() - self._started))

    async def rate(self) -> float:
        return float(await asyncio.wait_for(self._rate, 60))


class _TimedConsumers(Consumers):
    """Ours, with a stopwatch; the last offsets count as part of the work."""

    def __init__(self, watch: _Stopwatch, **settings: Any) -> None:
        super().__init__(**settings)
        self._watch = watch
        self._ends: dict[int, int] = {}

    def _new_member(self) -> GroupMember:
        member = super()._new_member()
        on_assigned, commit = member.on_partitions_assigned, member.commit

        async def timed_assigned(assigned: Sequence[TopicPartition]) -> None:
            await on_assigned(assigned)
            self._watch.start()

        async def timed_commit(records: Sequence[Any]) -> None:
            await commit(records)
            # Only the newest record of each partition is given.
            self._ends |= {record.partition: record.offset + 1 for record in records}
            if sum(self._ends.values()) >= RECORDS:
                self._watch.done()

        # A stopwatch around the real ones.
        member.on_partitions_assigned = timed_assigned  # type: ignore[method-assign] # see above
        member.commit = timed_commit  # type: ignore[method-assign] # see above
        return member


async def _ours(database: Database, bootstrap_servers: str, group: str) -> float:
    watch = _Stopwatch()
    consumers = _TimedConsumers(
        watch,
        bootstrap_servers=bootstrap_servers,
        group=group,
        instance="1",
        database=database,
        subscriptions=[Subscription(TOPIC, [on(Reserved, on_slot_reserved)])],
        on_commit=lambda committed: None,
    )
    running = asyncio.create_task(consumers.run())
    rate = await watch.rate()
    await consumers.stop()
    running.cancel()
    return rate


class _Assigned(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    def __init__(self, start: Callable[[], None]) -> None:
        self._start = start

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        return None

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._start()


async def _bare(url: str, bootstrap_servers: str, group: str) -> float:
    watch = _Stopwatch()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        client_id=f"benchmark-{group}",
    )
    consumer.subscribe([TOPIC], listener=_Assigned(watch.start))
    await consumer.start()
    seen = 0
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        while seen < RECORDS:
            found = await consumer.getmany(timeout_ms=1_000, max_records=MAX_RECORDS)
            records = [record for some in found.values() for record in some]
            async with connection.transaction(), connection.pipeline():
                for record in records:
                    await connection.execute(PUT.encode(), _values(record.value), prepare=True)
            if records:
                await consumer.commit()
            seen += len(records)
        watch.done()
    await consumer.stop()
    return await watch.rate()


def _values(value: bytes) -> dict[str, Any]:
    body = json.loads(value)
    return {
        "booking_id": UUID(body["booking_id"]),
        "organizer_id": UUID(body["organizer_id"]),
        "starts_at": datetime.fromisoformat(body["start"]),
        "ends_at": datetime.fromisoformat(body["end"]),
    }
