"""Kafka's topics read whole, from their first record to the last one there is, without a group."""

from collections.abc import AsyncIterator, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import ALL_TOPICS
from services.chassis.messaging import tolerant_reading
from services.chassis.messaging.brokers import addresses

WAIT_MS = 300

_COMPACTED = frozenset(topic.name for topic in ALL_TOPICS if topic.compacted)


class TopicIncomplete(Exception):
    """The beginning of a topic is gone: what came of its records cannot be made again."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"The topic {topic} does not have its first records any more.")


def refuse_if_cut(beginnings: Mapping[TopicPartition, int]) -> None:
    """Raise TopicIncomplete if a topic does not begin with its first record.

    A compacted one has the newest record of each key, which is all that counts.
    """
    for place, offset in beginnings.items():
        if offset and place.topic not in _COMPACTED:
            raise TopicIncomplete(place.topic)


class WholeTopics:
    """The topics of a Kafka."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._servers = addresses(bootstrap_servers)

    async def records(self, topic: str) -> AsyncIterator[Sequence[ConsumerRecord]]:
        """Yield the topic's records up to its end of now, in batches; those of a key in order.

        Raises:
            KafkaError: Kafka does not answer.
            TopicIncomplete: there is no such topic, or its first records are gone.
        """
        places = await self._places(topic)
        tolerant_reading.install()
        consumer = AIOKafkaConsumer(bootstrap_servers=self._servers, enable_auto_commit=False)
        try:
            await consumer.start()
            ends = await consumer.end_offsets(places)
            first = await self.first(consumer, places)
            consumer.assign(places)
            for place, offset in first.items():
                # A new assignment looks up its own position first, which would undo a seek.
                await consumer.position(place)
                consumer.seek(place, offset)
            while [each for each in places if await consumer.position(each) < ends[each]]:
                for records in (await consumer.getmany(timeout_ms=WAIT_MS)).values():
                    yield records
        finally:
            await consumer.stop()

    async def first(
        self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """Return from which offsets on the partitions are read; raise TopicIncomplete."""
        found: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        refuse_if_cut(found)
        return found

    async def _places(self, topic: str) -> list[TopicPartition]:
        client = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        try:
            await client.start()
            # All of them: to ask for one by its name would let Kafka make it.
            described = {each["topic"]: each for each in await client.describe_topics()}
        finally:
            await client.close()
        if topic not in described:
            raise TopicIncomplete(topic)
        partitions = described[topic]["partitions"]
        return [TopicPartition(topic, each["partition"]) for each in partitions]
