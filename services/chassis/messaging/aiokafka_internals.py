"""What is used of aiokafka beyond its documented interface; nothing else reaches into it.

docs/reaching-into-libraries.md says why, tests/unit/chassis/test_private_names.py watches it.
"""

import asyncio
from contextlib import suppress
from functools import lru_cache

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownTopicOrPartitionError
from aiokafka.partitioner import DefaultPartitioner, murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

log = structlog.get_logger(__name__)

__all__ = ["BatchBuilder", "abandon", "partition_count", "partition_for"]


async def abandon(producer: AIOKafkaProducer, seconds: float) -> None:
    """Close the producer without sending what it still holds.

    Its own stop() would first send that, however late: an idempotent producer of aiokafka gives no
    batch up. What is in flight has its answer within the request's time, for which this waits.
    """
    producer._closed = True  # noqa: SLF001 -- stop() does nothing any more
    try:
        async with asyncio.timeout(seconds):
            await producer._sender.close()  # noqa: SLF001
    except (KafkaError, TimeoutError) as fault:
        log.warning("producer_abandoned", fault=repr(fault))
    await producer.client.close()


async def partition_count(producer: AIOKafkaProducer, topic: str, seconds: float) -> int:
    """Return how many partitions the topic has.

    Raises:
        UnknownTopicOrPartitionError: Kafka answers, and has no such topic.
        KafkaConnectionError: Kafka does not answer.
    """
    try:
        async with asyncio.timeout(seconds):
            return len(await producer.partitions_for(topic))
    except (UnknownTopicOrPartitionError, TimeoutError) as missing:
        # Its own look-up says the same of a topic that is not there and of a Kafka that is away.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if await producer.client.force_metadata_update():
                    raise UnknownTopicOrPartitionError(topic) from missing
        raise KafkaConnectionError(f"no metadata of {topic}") from missing


def partition_for(key: bytes | None, count: int) -> int:
    """Return the partition that every Kafka client gives the key; without one, any."""
    if key is None:
        return int(DefaultPartitioner()(None, range(count), None))
    return _partition_of(key, count)


@lru_cache(maxsize=10_000)
def _partition_of(key: bytes, count: int) -> int:
    """The hash is slow in Python, and the keys of a batch are few."""
    return int(murmur2(key) & 0x7FFFFFFF) % count
