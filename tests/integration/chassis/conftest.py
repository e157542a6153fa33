"""The toy service's database and topics."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import DEAD_LETTER_TOPICS, dead_letter_topic
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.relay import Relay
from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import Signals
from tests.integration.chassis.toy import SCHEMA, TOPIC


@pytest.fixture
async def database(database_url_factory: Callable[[str], str]) -> AsyncIterator[Database]:
    opened = Database(database_url_factory("toy"), size=20)
    await opened.open()
    async with opened.connection() as connection:
        for part in SCHEMA:
            await connection.execute(part.encode())
    yield opened
    await opened.close()


@pytest.fixture
async def topic(kafka_bootstrap: str) -> AsyncIterator[str]:
    """An empty topic of the toy service, with the dead-letter topic of group `toy`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    names = [TOPIC, dead_letter_topic(TOPIC, "toy")]
    present = set(await admin.list_topics())
    if stale := [name for name in names if name in present]:
        await admin.delete_topics(stale)
        while set(stale) & set(await admin.list_topics()):
            pass
    letters = NewTopic(names[1], 1, 1, topic_configs=DEAD_LETTER_TOPICS[0].config())
    await admin.create_topics([NewTopic(TOPIC, 4, 1), letters])
    while not set(names) <= set(await admin.list_topics()):
        await asyncio.sleep(0.01)  # the broker hears of them from the controller
    yield TOPIC
    await admin.close()


@pytest.fixture
def relay(database: Database, kafka_bootstrap: str, topic: str) -> Relay:
    signals = Signals(database, (CHANNEL,))
    return Relay(database, kafka_bootstrap, signals, holder=f"relay-{uuid.uuid4()}")


@pytest.fixture
async def publish(
    kafka_bootstrap: str, topic: str
) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Publish records: key, value, headers."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()

    async def send(*records: Any) -> None:
        for key, value, headers in records:
            await producer.send_and_wait(topic, key=key, value=value, headers=headers)

    yield send
    await producer.stop()
