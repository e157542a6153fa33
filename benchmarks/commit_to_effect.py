"""From a commit in one service to the effect committed in another, beside a bare hop and commit."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from psycopg import AsyncConnection

from benchmarks.batch_consumer import SCHEMA, on_slot_reserved
from benchmarks.ground import Ground, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.sample_events import AT, published, reservation
from contracts.booking import SlotReserved
from contracts.topics import BOOKING_EVENTS
from services import booking
from services.booking.store import store
from services.chassis.ids import new_id
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.relay import Relay
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Database
from services.chassis.postgres.migrations import migrate
from services.chassis.postgres.signals import Signals

EVENTS = 40
IDLE_SECONDS = 0.02
HOP_TOPIC = "benchmark.hop.v1"

Once = Callable[[], Awaitable[float]]


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure one event at a time, with a pause ahead of each, so that everything is at rest."""
    source, sink = ground.new_database("benchmark_source"), ground.new_database("benchmark_sink")
    migrate(source, Path(booking.__file__).parent / "migrations")
    await _create(sink)
    await ground.new_topic(BOOKING_EVENTS)
    await ground.new_topic(HOP_TOPIC, partitions=1)
    async with (
        opened(source, size=4) as source_database,
        opened(sink, size=4) as sink_database,
        _path(ground, source_database, sink_database) as effect,
        _hop(ground.kafka) as hop,
        _commit(sink) as commit,
    ):

        async def ours() -> float:
            return await _median(effect)

        async def anchor() -> float:
            return await _median(hop) + await _median(commit)

        found, anchors = await in_turn(ours, anchor, samples)
    return Finding(
        name="commit_to_effect",
        claim="from the commit of an append to its effect committed by a consumer, idle, median",
        anchor="a bare produce-to-consume hop plus a bare commit, medians",
        unit="ms",
        bar=Bar("at most", 4),
        ours=found,
        anchors=anchors,
    )


async def _median(once: Once) -> float:
    """Return the median in milliseconds."""
    times = []
    for _ in range(EVENTS):
        await asyncio.sleep(IDLE_SECONDS)
        times.append(await once())
    return statistics.median(times) * 1_000


async def _create(url: str) -> None:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        for part in SCHEMA:
            await connection.execute(part.encode())
        await connection.execute(b"CREATE TABLE bare (id uuid PRIMARY KEY)")


@asynccontextmanager
async def _path(ground: Ground, source: Database, sink: Database) -> AsyncIterator[Once]:
    """Yield what appends a reservation and waits for its effect: relay and consumers run."""
    applied = asyncio.Event()
    relay = Relay(source, ground.kafka, Signals(source, (CHANNEL,)), "benchmark")
    consumers = Consumers(
        bootstrap_servers=ground.kafka,
        group="benchmark-effect",
        instance="1",
        database=sink,
        subscriptions=[Subscription(BOOKING_EVENTS, [on(SlotReserved, on_slot_reserved)])],
        on_commit=lambda committed: applied.set(),
    )
    running = [asyncio.create_task(relay.run()), asyncio.create_task(consumers.run())]
    while not (relay.leading and consumers.joined):  # noqa: ASYNC110 -- once, at the start
        await asyncio.sleep(0.05)
    organizer_id, numbers = new_id(), count()

    async def once() -> float:
        applied.clear()
        start = AT + timedelta(minutes=30 * next(numbers))
        async with source.transaction() as connection:
            changes = reservation(organizer_id, new_id(), start)
            await store.append(connection, str(organizer_id), changes, at=AT)
        committed = time.perf_counter()
        relay.wake()
        await applied.wait()
        return time.perf_counter() - committed

    yield once
    await consumers.stop()
    await relay.stop()
    for each in running:
        each.cancel()


@asynccontextmanager
async def _hop(bootstrap_servers: str) -> AsyncIterator[Once]:
    """Yield what produces one record and waits until it is consumed."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    consumer = AIOKafkaConsumer(HOP_TOPIC, bootstrap_servers=bootstrap_servers)
    await producer.start()
    await consumer.start()
    key, value, headers = published(new_id(), 1, AT)

    async def once() -> float:
        waiting = asyncio.create_task(consumer.getone())
        await asyncio.sleep(0)
        started = time.perf_counter()
        sending = asyncio.create_task(
            producer.send_and_wait(HOP_TOPIC, key=key, value=value, headers=headers)
        )
        await waiting
        seconds = time.perf_counter() - started
        await sending
        return seconds

    await consumer.seek_to_end()
    yield once
    await consumer.stop()
    await producer.stop()


@asynccontextmanager
async def _commit(url: str) -> AsyncIterator[Once]:
    """Yield what inserts one row and commits."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:

        async def once() -> float:
            started = time.perf_counter()
            await connection.execute(b"INSERT INTO bare VALUES (%s)", (new_id(),), prepare=True)
            return time.perf_counter() - started

        yield once
