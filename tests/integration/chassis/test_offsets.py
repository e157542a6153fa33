"""Offsets are committed soon after their records are applied, and when a member leaves."""

import asyncio
import time
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.chassis.messaging import offsets
from services.chassis.postgres.database import Database
from tests.integration.chassis.test_consumer import Publish, applied, consuming, record


async def committed(kafka_bootstrap: str, topic: str) -> int:
    """Return how many records of the topic the group has done with, as Kafka knows."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka_bootstrap, group_id="toy", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = await consumer._client.fetch_all_metadata()
        found = [
            await consumer.committed(TopicPartition(topic, partition))
            for partition in partitions.partitions_for_topic(topic) or ()
        ]
    finally:
        with suppress(KafkaError):
            await consumer.stop()
    return sum(each or 0 for each in found)


async def test_offsets_are_committed_while_the_consumer_runs(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    await publish(record("anna", 1, 10), record("anna", 2, 20))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=2)
        deadline = time.monotonic() + 20
        while await committed(kafka_bootstrap, topic) < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def test_a_member_that_leaves_has_committed_what_it_applied(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also what waited to be committed: whoever comes next reads nothing again."""
    monkeypatch.setattr(offsets, "COMMIT_SECONDS", 3600)
    await publish(record("anna", 1, 10))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=1)
        await publish(record("anna", 2, 20), record("anna", 3, 30))
        await applied(database, anna=3)

    assert 3 == await committed(kafka_bootstrap, topic)
