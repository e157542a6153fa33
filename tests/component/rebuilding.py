"""Rebuilds from topics that other tests have used before."""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import TOPICS
from services.chassis.events.rebuild import ReadModels, rebuild
from services.chassis.messaging.whole_topics import WholeTopics


class LaterRecords(WholeTopics):
    """The topics of a Kafka from a moment on."""

    def __init__(self, bootstrap: str, begin: Mapping[TopicPartition, int]) -> None:
        super().__init__(bootstrap)
        self._begin = begin

    async def first(
        self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """Return where the partitions ended at that moment."""
        return {place: self._begin[place] for place in places}


async def from_now_on(bootstrap: str) -> LaterRecords:
    """Return the topics without what is there by now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        places = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            for number in range(topic.partitions)
        ]
        return LaterRecords(bootstrap, await consumer.end_offsets(places))
    finally:
        await consumer.stop()


async def assert_rebuilt_alike(
    url: str, models: ReadModels, topics: WholeTopics, service: str
) -> None:
    """Compare what stands there with what a rebuild would make."""
    compared = await rebuild(url, models, dry_run=True, topics=topics, service=service)

    differing = [each for each in compared if each.added or each.removed]
    assert not differing, f"a rebuild would change {differing}"
