"""Publishing: messages packed into batches, one partition each, all acknowledged before it returns.

The client's own `send` costs a future and several calls a message; packed here, a batch costs one.
"""

import asyncio
import time
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from services.chassis.messaging.aiokafka_internals import BatchBuilder, abandon, partition_for
from services.chassis.messaging.headers import unpack
from services.chassis.runtime.crash_points import reach

REQUEST_SECONDS = 4  # below the relay's lease
# A message as the outbox keeps it: topic, key, sequence, headers, value.
Outgoing = tuple[str, bytes | None, int | None, str, bytes | None]
# Batches by topic and partition.
Packed = dict[tuple[str, int], list[BatchBuilder]]


class Publisher:
    """One idempotent producer, started when it is needed and given up after a fault."""

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
        """Leave the producer; what it has not sent it never sends, lest it overtake a resend."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer, REQUEST_SECONDS + 1)

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
            partition = partition_for(key, len(await producer.partitions_for(topic)))
            batches = packed.setdefault((topic, partition), [producer.create_batch()])
            places[topic, key] = batches
        headers = unpack(held)
        if sequence is not None:
            headers.append(("ce_sequence", b"%d" % sequence))
        if not batches[-1].append(timestamp=now, key=key, value=value, headers=headers):
            batches.append(producer.create_batch())
            batches[-1].append(timestamp=now, key=key, value=value, headers=headers)
    return packed
