"""Publishing: messages packed into batches, one partition each, all acknowledged before it returns.

The client's own `send` costs a future and several calls a message; packed here, a batch costs one.
"""

import asyncio
import time
from collections.abc import Iterable
from functools import lru_cache

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner, murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from services.chassis.messaging.headers import unpack
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

REQUEST_SECONDS = 4  # below the relay's lease
# A message as the outbox keeps it: topic, key, sequence, headers, value.
Outgoing = tuple[str, bytes | None, int | None, str, bytes | None]
# Batches by topic and partition.
Packed = dict[tuple[str, int], list[BatchBuilder]]


class Publisher:
    """One idempotent producer, started when it is needed and left behind after a fault."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None

    async def pack(self, messages: Iterable[Outgoing]) -> Packed:
        """Return the messages as batches, those of a key in one partition and in their order."""
        return await _packed(await self._started(), messages)

    async def send(self, packed: Packed) -> None:
        """Publish the batches; raise unless each is acknowledged."""
        producer = await self._started()
        deliveries = [
            await producer.send_batch(batch, topic, partition=partition)
            for (topic, partition), batches in packed.items()
            for batch in batches
        ]
        reach("relay.sent")
        await asyncio.gather(*deliveries)

    async def drop(self) -> None:
        """Leave the producer: what it has not sent it never sends, so nothing overtakes a resend.

        Its own stop() would first send what it holds, however late: an idempotent producer of
        aiokafka gives no batch up. What is in flight has its answer within the request's time.
        """
        producer, self._producer = self._producer, None
        if producer is None:
            return
        producer._closed = True  # noqa: SLF001 -- there is no other way to stop without sending
        try:
            async with asyncio.timeout(REQUEST_SECONDS + 1):
                await producer._sender.close()  # noqa: SLF001
        except (KafkaError, TimeoutError) as fault:
            log.warning("producer_abandoned", fault=repr(fault))
        await producer.client.close()

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap_servers,
                acks="all",
                enable_idempotence=True,
                max_batch_size=256 * 1024,
                request_timeout_ms=REQUEST_SECONDS * 1000,
                metadata_max_age_ms=30_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer


async def _packed(producer: AIOKafkaProducer, messages: Iterable[Outgoing]) -> Packed:
    packed: Packed = {}
    places: dict[tuple[str, bytes | None], list[BatchBuilder]] = {}
    now = int(time.time() * 1000)
    for topic, key, sequence, held, value in messages:
        if (batches := places.get((topic, key))) is None:
            partition = _partition(key, len(await producer.partitions_for(topic)))
            batches = packed.setdefault((topic, partition), [producer.create_batch()])
            places[topic, key] = batches
        headers = unpack(held)
        if sequence is not None:
            headers.append(("ce_sequence", b"%d" % sequence))
        if not batches[-1].append(timestamp=now, key=key, value=value, headers=headers):
            batches.append(producer.create_batch())
            batches[-1].append(timestamp=now, key=key, value=value, headers=headers)
    return packed


def _partition(key: bytes | None, count: int) -> int:
    if key is None:
        return int(DefaultPartitioner()(None, range(count), None))
    return _partition_of(key, count)


@lru_cache(maxsize=10_000)
def _partition_of(key: bytes, count: int) -> int:
    """Return the partition that every Kafka client gives the key; the hash is slow in Python."""
    return int(murmur2(key) & 0x7FFFFFFF) % count
