"""A plain reader of a topic: what any subscriber sees."""

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition


async def read_topic(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """Return every record that the topic holds now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        numbers = sorted(consumer.partitions_for_topic(topic) or await _partitions(consumer, topic))
        partitions = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            found = await consumer.getmany(timeout_ms=500)
            records += [record for batch in found.values() for record in batch]
        return records
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    await consumer._client.add_topic(topic)
    found: set[int] | None = consumer.partitions_for_topic(topic)
    assert found, f"{topic} does not exist"
    return found


def header(record: ConsumerRecord, name: str) -> str:
    """Return a header's text."""
    value: bytes = dict(record.headers)[name]
    return value.decode()
