"""Consumers with exactly-once effect: batches of raw records, one transaction, then the offsets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.events.store import VersionConflict
from services.chassis.messaging.batches import BatchProcessor
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

MAX_RECORDS = 500
SESSION_TIMEOUT_MS = 6_000
IDLE_POLL_MS = 1_000

Handler = Callable[[Connection, Any, Envelope], Awaitable[None]]
# What to do when a key of a compacted topic is erased.
TombstoneHandler = Callable[[Connection, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic with what this service does about its events; other types are skipped."""

    topic: str
    handlers: Mapping[type[ContractEvent], Handler] = field(default_factory=dict)
    on_tombstone: TombstoneHandler | None = None


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """Waits until there is something: FastStream sleeps after an empty poll.

    `refused` is set when Kafka refuses to go on: neither aiokafka nor FastStream begins again.
    """

    refused: asyncio.Event | None = None

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return the next records; raise ConsumerStoppedError once stopped."""
        while True:
            try:
                records: dict[TopicPartition, list[ConsumerRecord]] = await super().getmany(
                    *partitions, timeout_ms=IDLE_POLL_MS, max_records=max_records
                )
            except ConsumerStoppedError:
                raise
            except KafkaError as fault:
                log.warning("kafka_refuses", fault=repr(fault))
                if self.refused:
                    self.refused.set()
                raise
            if records:
                return records


class Consumers(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """The subscriptions of one service: one consumer in its group."""

    def __init__(
        self,
        *,
        bootstrap_servers: str,
        group: str,
        instance: str,
        database: Database,
        subscriptions: Sequence[Subscription],
        on_commit: Callable[[str, frozenset[str]], None],
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._group = group
        self._instance = instance
        self._on_commit = on_commit
        self.topics = [subscription.topic for subscription in subscriptions]
        self._processors = {
            subscription.topic: BatchProcessor(
                database,
                group,
                {cls.TYPE: (cls, handler) for cls, handler in subscription.handlers.items()},
                subscription.on_tombstone,
            )
            for subscription in subscriptions
        }
        self._busy = asyncio.Lock()
        self._broker: KafkaBroker | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._in_hand: Sequence[ConsumerRecord] = ()
        self._applied_at: dict[str, float] = {}
        self._refused = asyncio.Event()
        self.joined = False
        self._stopping = False

    async def run(self) -> None:
        """Consume until stopped; while Kafka is away or refuses, begin again."""
        while not self._stopping:
            try:
                await self._start()
                await self._refused.wait()
            except (KafkaError, OSError) as fault:
                log.warning("kafka_unreachable", fault=repr(fault))
            self._refused.clear()
            await self._leave()
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """Let the batch in hand finish, then leave the group."""
        self._stopping = True
        await self._leave()  # FastStream waits for the handler that is under way

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the batch in hand finish before another member takes the partitions."""
        async with self._busy:
            self.joined = False

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Note that the group has settled."""
        self.joined = True

    def lag(self) -> dict[str, tuple[int, float]]:
        """Return, for each topic, how many records are not yet applied here, and for how long.

        The seconds are the age of the oldest record in hand, else of the newest that was applied.
        """
        behind = self._unread()
        now = time.time()
        for record in self._in_hand:
            behind[record.topic] += 1
        since = {**self._applied_at}
        for record in reversed(self._in_hand):
            since[record.topic] = record.timestamp / 1000
        return {
            topic: (count, max(0.0, now - since.get(topic, now)) if count else 0.0)
            for topic, count in behind.items()
        }

    def _unread(self) -> dict[str, int]:
        behind = dict.fromkeys(self.topics, 0)
        consumer = self._consumer
        if consumer is None:
            return behind
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            state = consumer._subscription.subscription.assignment.state_value(partition)  # noqa: SLF001 -- position() would wait
            if end is not None and state is not None and state.has_valid_position:
                behind[partition.topic] += max(0, end - state.position)
        return behind

    async def _start(self) -> None:
        broker = KafkaBroker(
            self._bootstrap_servers,
            client_id=f"bookwith-{self._group}-{self._instance}",
            consumer_only=True,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
        )
        self._broker = broker
        subscriber = broker.subscriber(
            *self.topics,
            batch=True,
            group_id=self._group,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            max_records=MAX_RECORDS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
            fetch_max_wait_ms=500,
            parser=_unparsed,
            decoder=_undecoded,
            listener=self,
        )
        subscriber(self._on_batch)
        await broker.connect()
        config = broker.config.broker_config
        builder = config.builder
        assert isinstance(builder, partial)
        config.builder = partial(PatientConsumer, **builder.keywords)
        await broker.start()
        consumer = subscriber.consumer
        assert isinstance(consumer, PatientConsumer)
        consumer.refused = self._refused
        self._consumer = consumer

    async def _leave(self) -> None:
        broker, self._broker, self._consumer = self._broker, None, None
        self.joined = False
        if broker is not None:
            try:
                await broker.stop()
            except (KafkaError, OSError) as fault:
                log.warning("consumer_left_early", fault=repr(fault))

    async def _on_batch(self, message: KafkaMessage) -> None:
        records: tuple[ConsumerRecord, ...] = message.raw_message
        async with self._busy:
            self._in_hand = records
            reach("consumer.polled")
            for topic, of_topic in groupby(records, key=lambda record: record.topic):
                batch = list(of_topic)
                started = time.perf_counter()
                await self._apply(topic, batch)
                telemetry.HANDLER_SECONDS.labels(topic).observe(time.perf_counter() - started)
            self._in_hand = ()
            reach("consumer.committed")
            await self._commit(records)

    async def _apply(self, topic: str, batch: list[ConsumerRecord]) -> None:
        """Apply the records, waiting out what passes: a database that is down, a lost race."""
        pause = 0.05
        while not self._stopping:
            try:
                subjects = await self._processors[topic].process(batch)
            except VersionConflict:
                await asyncio.sleep(0)  # somebody else went on: load and decide again
            except PASSING_FAULTS as fault:
                log.warning("consumer_waits", topic=topic, fault=repr(fault))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            except Exception:
                # FastStream would drop what leaves the handler and go on behind the batch.
                log.exception("consumer_stuck", topic=topic)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                self._on_commit(topic, subjects)
                self._applied_at[topic] = batch[-1].timestamp / 1000
                return

    async def _commit(self, records: Sequence[ConsumerRecord]) -> None:
        offsets = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
        consumer = self._consumer
        if consumer is None:
            return
        try:
            await consumer.commit(offsets)
        except KafkaError as fault:
            # The effects stand; whoever reads the records again finds them applied.
            log.warning("offsets_not_committed", fault=repr(fault))


async def _unparsed(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """Hand the records on unseen: FastStream's parser fails on a header that is null or no text."""
    return KafkaMessage(raw_message=records, body=b"", consumer=FAKE_CONSUMER)


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    """Hand the raw records on: our own decoding is by type and tens of times faster."""
    return message


async def reachable(bootstrap_servers: str) -> None:
    """Raise OSError unless one of the brokers takes a connection within a second."""
    fault: OSError = ConnectionError("no broker is named")
    for server in bootstrap_servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError) as refused:
            fault = ConnectionError(f"{server} does not answer ({type(refused).__name__})")
        else:
            writer.close()
            return
    raise fault
