"""One member of a Kafka consumer group: raw batches to a callback, through FastStream.

The only module that knows FastStream. docs/reaching-into-libraries.md lists what it uses beyond
FastStream's documented surface, tests/unit/chassis/test_private_names.py watches it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from services.chassis.messaging import tolerant_reading
from services.chassis.messaging.brokers import addresses
from services.chassis.messaging.record_batches import next_offset

log = structlog.get_logger(__name__)

MAX_RECORDS = 500
# What one answer of Kafka holds, still compressed; a single larger batch comes all the same.
PARTITION_FETCH_BYTES = 1024 * 1024
FETCH_BYTES = 8 * 1024 * 1024
SESSION_TIMEOUT_MS = 6_000
IDLE_POLL_MS = 1_000
IDLE_FETCH_MS = 500
REDELIVERY_PAUSE_SECONDS = 1.0
# How long records that no handler takes wait for others.
GATHER_SECONDS = 0.25

Polled = dict[TopicPartition, list[ConsumerRecord]]
# Tells whether something is to be done about a record, as far as its headers say.
Concerns = Callable[[ConsumerRecord], bool]

# Gets the member, to commit with, and the records.
OnBatch = Callable[["GroupMember", Sequence[ConsumerRecord]], Awaitable[None]]

# Awaited with the member before other members take its partitions.
BeforeRevoke = Callable[["GroupMember"], Awaitable[None]]


class WaitingConsumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """Waits until there is something to do: FastStream sleeps after an empty poll.

    Records that no handler takes only move marks and offsets: they wait a moment for others, so
    that a service pays little for the events that are none of its business. Whatever leaves a
    poll, or ends the fetching behind it, is handed to `on_fault` and ends the reading: neither
    aiokafka nor FastStream begins again, and both may have lost records.
    """

    def __init__(
        self,
        *,
        on_fault: Callable[[BaseException], None],
        concerns: Concerns,
        **settings: object,
    ) -> None:
        super().__init__(**settings)
        self._on_fault = on_fault
        self._concerns = concerns

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Polled:
        """Return the next records; raise ConsumerStoppedError once stopped, or after a fault."""
        most = max_records or MAX_RECORDS
        gathered, count, until = Polled(), 0, 0.0
        while True:
            left = max(until - time.monotonic(), 0) if count else IDLE_POLL_MS / 1000
            polled = await self._poll(partitions, left, most - count)
            for partition, records in polled.items():
                gathered.setdefault(partition, []).extend(records)
                count += len(records)
            if not count:
                continue
            until = until or time.monotonic() + GATHER_SECONDS
            urgent = any(any(map(self._concerns, records)) for records in polled.values())
            if urgent or count >= most or time.monotonic() >= until:
                return gathered

    async def _poll(
        self, partitions: Sequence[TopicPartition], seconds: float, most: int
    ) -> Polled:
        try:
            polled: Polled = await super().getmany(
                *partitions, timeout_ms=int(seconds * 1000), max_records=most
            )
        except ConsumerStoppedError:
            raise
        except Exception as fault:
            self._on_fault(fault)
            raise ConsumerStoppedError from fault
        if not polled and (ended := tolerant_reading.background_fault(self)) is not None:
            self._on_fault(ended)
            raise ConsumerStoppedError from ended
        return polled

    async def stop(self) -> None:
        """Leave the group and close the connections, also when the fetching has failed."""
        try:
            await super().stop()
        finally:
            await self._client.close()


class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """A membership in a consumer group, from `start` to `stop`.

    The callback gets one batch at a time and commits it with `commit`; a batch that it leaves by
    an exception is delivered again. Once `refused` is set this member reads no more; `fault` is
    then what it met.
    """

    def __init__(
        self,
        *,
        bootstrap_servers: str,
        group: str,
        client_id: str,
        topics: Sequence[str],
        on_batch: OnBatch,
        concerns: Concerns = lambda _: True,
        before_revoke: BeforeRevoke | None = None,
        fetch_seconds: float = 0.0,
    ) -> None:
        """`fetch_seconds` is how long Kafka gathers records before it answers a read."""
        tolerant_reading.install()
        self.refused = asyncio.Event()
        self.fault: BaseException | None = None
        self.joined = False
        self._on_batch = on_batch
        self._concerns = concerns
        self._before_revoke = before_revoke
        self._busy = asyncio.Lock()
        self._group = group
        self._broker = _consuming_broker(bootstrap_servers, client_id)
        self._subscriber = self._broker.subscriber(
            *topics,
            batch=True,
            group_id=group,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            max_records=MAX_RECORDS,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
            fetch_min_bytes=PARTITION_FETCH_BYTES if fetch_seconds else 1,
            fetch_max_wait_ms=int(fetch_seconds * 1000) or IDLE_FETCH_MS,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            parser=_unparsed,
            decoder=_undecoded,
            listener=self,
        )
        self._subscriber(self._deliver)

    async def start(self) -> None:
        """Join the group and begin to read; raise KafkaError or OSError when Kafka is away."""
        await self._broker.connect()
        _build_waiting_consumers(self._broker, self._refuse, self._concerns)
        await self._broker.start()

    async def stop(self) -> None:
        """Wait for the callback, then leave the group."""
        await self._broker.stop()  # FastStream waits for the handler that is under way
        if self.joined:
            log.info("group_left", group=self._group)
        self.joined = False

    async def commit(self, records: Sequence[ConsumerRecord]) -> None:
        """Commit the offsets after the records; raise KafkaError."""
        offsets = {TopicPartition(r.topic, r.partition): next_offset(r) for r in records}
        await self._reading().commit(offsets)

    async def unread(self) -> dict[str, int]:
        """Return, for each topic, how many records of its partitions here are not yet read."""
        unread: dict[str, int] = {}
        consumer = self._subscriber.consumer
        if consumer is None:
            return unread
        for partition in consumer.assignment():
            # At once or not at all: a partition without a position is about to get one.
            with suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(0):
                    position = await consumer.position(partition)
                    end = consumer.highwater(partition) or position
                    unread[partition.topic] = unread.get(partition.topic, 0) + end - position
        return unread

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Let the callback finish before another member takes the partitions."""
        async with self._busy:
            if self.joined:
                if self._before_revoke is not None:
                    await self._before_revoke(self)
                log.info("partitions_given_back", group=self._group, partitions=len(revoked))
            self.joined = False

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Note that this member belongs to the group."""
        self.joined = True
        log.info("group_joined", group=self._group, partitions=len(assigned))

    def _refuse(self, fault: BaseException) -> None:
        # Not its words: they may quote the record.
        log.warning("poll_failed", group=self._group, fault=type(fault).__name__)
        self.fault = fault
        self.refused.set()

    async def _deliver(self, message: KafkaMessage) -> None:
        records: tuple[ConsumerRecord, ...] = message.raw_message
        try:
            async with self._busy:
                await self._on_batch_or_rewind(records)
        except Exception:
            # FastStream would drop what leaves its handler and go on after the batch.
            log.exception("batch_redelivered", topic=records[0].topic, size=len(records))
            await asyncio.sleep(REDELIVERY_PAUSE_SECONDS)

    async def _on_batch_or_rewind(self, records: Sequence[ConsumerRecord]) -> None:
        try:
            await self._on_batch(self, records)
        except Exception:
            first = {TopicPartition(r.topic, r.partition): r.offset for r in reversed(records)}
            for partition, offset in first.items():
                with suppress(IllegalStateError):  # no longer assigned: its new owner reads it
                    self._reading().seek(partition, offset)
            raise

    def _reading(self) -> AIOKafkaConsumer:
        consumer = self._subscriber.consumer
        assert consumer is not None  # a batch is delivered between start and stop
        return consumer


def _consuming_broker(bootstrap_servers: str, client_id: str) -> KafkaBroker:
    return KafkaBroker(
        addresses(bootstrap_servers),
        client_id=client_id,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        logger=None,
    )


def _build_waiting_consumers(
    broker: KafkaBroker, on_fault: Callable[[BaseException], None], concerns: Concerns
) -> None:
    """Make a connected broker build its consumers of our class; FastStream has no setting."""
    config = broker.config.broker_config
    builder = config.builder
    assert isinstance(builder, partial)  # of AIOKafkaConsumer, once the broker is connected
    config.builder = partial(
        WaitingConsumer, on_fault=on_fault, concerns=concerns, **builder.keywords
    )


async def _unparsed(records: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """Hand the records on unseen: FastStream's parser fails on a header that is null or no text."""
    return KafkaMessage(raw_message=records, body=b"", consumer=FAKE_CONSUMER)


async def _undecoded(message: KafkaMessage) -> KafkaMessage:
    """Hand the raw records on: our own decoding is by type and tens of times faster."""
    return message
