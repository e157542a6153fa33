"""The outbox: messages staged in the transaction that causes them, published by one leased relay.

The relay has no cursor: it reads what is unsent in order, publishes, then deletes. A sequence is
drawn under its key's lock, so within a key the order of positions is the order of commits.
"""

import asyncio
import json
import time
from datetime import datetime
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import bindparam, delete, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis import telemetry
from services.chassis.context import Cause, current_cause
from services.chassis.crash_points import reach
from services.chassis.db import (
    PASSING_FAULTS,
    Connection,
    Database,
    Row,
    Statement,
    fetch,
    fetch_one,
    prepared,
    run,
    sql,
)
from services.chassis.ids import new_id
from services.chassis.signals import Signals, wait_for
from services.chassis.tables import outbox, relay_lease

log = structlog.get_logger(__name__)

CHANNEL = "outbox"
BATCH = 500
LEASE_SECONDS = 5.0
POLL_SECONDS = 0.5

_STAGE = sql("SELECT stage_message(%(topic)s, %(key)s, %(headers)s, %(value)s)")
_STAGE_RECORD = sql("""
    INSERT INTO outbox (topic, key, headers, value)
    VALUES (%(topic)s, %(key)s, %(headers)s, %(value)s)
""")


def headers_of(
    message: ContractEvent, *, id_: UUID, at: datetime, cause: Cause, key: str | None = None
) -> str:
    """Return the message's envelope as the outbox keeps it; the sequence is added when drawn."""
    envelope = Envelope(
        id=str(id_),
        type=message.TYPE,
        source=message.SOURCE,
        subject=message.subject,
        time=at,
        dataschema=message.DATASCHEMA,
        partition_key=key or message.key,
        sequence=None,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        traceparent=cause.traceparent,
    )
    return json.dumps([(name, value.decode("latin-1")) for name, value in envelope.to_headers()])


def message(event: ContractEvent, *, at: datetime, tombstone: bool = False) -> Statement:
    """Stage a contract event that is no stored event; a tombstone keeps the headers only."""
    return Statement(
        _STAGE,
        {
            "topic": event.TOPIC,
            "key": event.key,
            "headers": headers_of(event, id_=new_id(), at=at, cause=current_cause()),
            "value": None if tombstone else event.model_dump_json(),
        },
    )


def record(
    topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
) -> Statement:
    """Stage a raw record, as for a dead-letter topic."""
    return Statement(
        _STAGE_RECORD,
        {
            "topic": topic,
            "key": key.decode("latin-1") if key is not None else None,
            "headers": json.dumps([(name, held.decode("latin-1")) for name, held in headers]),
            "value": value,
        },
    )


_TAKE_LEASE = sql("""
    INSERT INTO relay_lease AS l (name, holder, epoch, expires_at)
    VALUES ('outbox', %(holder)s, 1, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder,
        epoch = l.epoch + (l.holder <> excluded.holder)::int,
        expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING epoch
""")
_GIVE_LEASE_BACK = prepared(
    delete(relay_lease).where(
        relay_lease.c.name == CHANNEL, relay_lease.c.holder == bindparam("holder")
    )
)
_UNSENT = prepared(
    select(outbox).order_by(outbox.c.position).limit(bindparam("limit", type_=BigInteger))
)
_MARK = prepared(
    delete(outbox)
    .where(outbox.c.position == func.any(bindparam("positions", type_=ARRAY(BigInteger))))
    .where(
        exists().where(
            relay_lease.c.name == CHANNEL,
            relay_lease.c.holder == bindparam("holder"),
            relay_lease.c.epoch == bindparam("epoch", type_=BigInteger),
        )
    )
)
_DEPTH = sql("""
    SELECT count(*) AS depth,
        coalesce(extract(epoch FROM clock_timestamp() - min(staged_at)), 0)::float AS age
    FROM outbox
""")


class LeaseLost(Exception):
    """Another process publishes now; what was sent meanwhile it sends again."""


class Relay:
    """Publishes the outbox in order, as the only one of its service at a time."""

    def __init__(
        self, database: Database, bootstrap_servers: str, signals: Signals, holder: str
    ) -> None:
        self._database = database
        self._bootstrap_servers = bootstrap_servers
        self._signals = signals
        self._holder = f"{holder}-{new_id()}"
        self._producer: AIOKafkaProducer | None = None
        self._epoch = 0
        self._held_until = 0.0
        self._stopping = False

    @property
    def leading(self) -> bool:
        """Whether this process publishes; if so a commit here needs to wake nobody else."""
        return time.monotonic() < self._held_until

    def wake(self) -> None:
        """Publish soon: a transaction that staged messages has committed."""
        self._signals.wake(CHANNEL, everywhere=not self.leading)

    async def run(self) -> None:
        """Publish until stopped; whatever fails passes, and is tried again in order."""
        pause = 0.1
        with self._signals.listening(CHANNEL) as woken:
            while not self._stopping:
                try:
                    if not await self._take_lease():
                        await asyncio.sleep(LEASE_SECONDS / 5)
                        continue
                    if await self.drain() < BATCH:
                        await wait_for(woken, POLL_SECONDS)
                    pause = 0.1
                except (KafkaError, LeaseLost, *PASSING_FAULTS) as fault:
                    log.warning("relay_interrupted", fault=repr(fault))
                    await self._drop_producer()
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 2.0)

    async def stop(self) -> None:
        """Send what is there, give the lease back, close the producer."""
        self._stopping = True
        self._signals.wake(CHANNEL, everywhere=False)
        try:
            if self.leading:
                async with asyncio.timeout(5):
                    await self.drain()
                async with self._database.connection() as connection:
                    await run(connection, _GIVE_LEASE_BACK, holder=self._holder)
        except (KafkaError, LeaseLost, TimeoutError, *PASSING_FAULTS) as fault:
            log.warning("relay_stopped_early", fault=repr(fault))
        self._held_until = 0.0
        await self._drop_producer()

    async def drain(self) -> int:
        """Publish one batch of unsent messages and mark them; return how many."""
        if time.monotonic() > self._held_until - LEASE_SECONDS / 2 and not await self._take_lease():
            raise LeaseLost
        async with self._database.connection() as connection:
            rows = await fetch(connection, _UNSENT, limit=BATCH)
            if not rows:
                return 0
            reach("relay.read")
            await self._publish(rows)
            reach("relay.acknowledged")
            await self._mark(connection, [row["position"] for row in rows])
        telemetry.RELAYED.inc(len(rows))
        return len(rows)

    async def depth(self) -> tuple[int, float]:
        """Return how many messages wait, and how long the oldest has, in seconds."""
        async with self._database.connection() as connection:
            row = await fetch_one(connection, _DEPTH)
        assert row is not None
        return row["depth"], row["age"]

    async def _publish(self, rows: list[Row]) -> None:
        producer = await self._started()
        deliveries = []
        for row in rows:
            headers = [
                (name, value.encode("latin-1")) for name, value in json.loads(row["headers"])
            ]
            if row["sequence"] is not None:
                headers.append(("ce_sequence", str(row["sequence"]).encode()))
            deliveries.append(
                await producer.send(
                    row["topic"],
                    key=row["key"].encode("latin-1") if row["key"] is not None else None,
                    value=row["value"],
                    headers=headers,
                )
            )
        reach("relay.sent")
        await asyncio.gather(*deliveries)

    async def _mark(self, connection: Connection, positions: list[int]) -> None:
        """Delete what was sent, if the lease is still this process's."""
        async with connection.transaction():
            cursor = await run(
                connection, _MARK, positions=positions, holder=self._holder, epoch=self._epoch
            )
            reach("relay.marking")
        if cursor.rowcount == 0:
            self._held_until = 0.0
            raise LeaseLost

    async def _take_lease(self) -> bool:
        asked_at = time.monotonic()
        if asked_at < self._held_until - LEASE_SECONDS / 2:
            return True
        async with self._database.connection() as connection:
            row = await fetch_one(
                connection, _TAKE_LEASE, holder=self._holder, seconds=LEASE_SECONDS
            )
        if row is None:
            self._held_until = 0.0
            return False
        self._epoch, self._held_until = row["epoch"], asked_at + LEASE_SECONDS
        return True

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers,
                acks="all",
                enable_idempotence=True,
                max_batch_size=256 * 1024,
                request_timeout_ms=10_000,
                metadata_max_age_ms=30_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        """Leave the producer with all it still holds, so that nothing unsent overtakes a resend."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(producer.stop(), 5)
            except (KafkaError, TimeoutError) as fault:
                log.warning("producer_abandoned", fault=repr(fault))
