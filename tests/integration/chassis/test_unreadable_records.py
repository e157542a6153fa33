"""Consumers and what leaves a poll: poison is parked, codecs are read, faults end in a new join."""

import asyncio
import json
from typing import Any

import pytest
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.consumer.fetcher import Fetcher

from contracts.topics import MIB
from services.chassis.messaging import progress
from services.chassis.messaging.record_batches import HEAD
from services.chassis.postgres.database import Database
from services.chassis.runtime.telemetry import REJOINS
from tests.integration.chassis.reading import header
from tests.integration.chassis.test_consumer import (
    EFFECTS,
    Publish,
    applied,
    consuming,
    letters,
    record,
)
from tests.integration.chassis.test_event_store import rows
from tests.record_batches import CODECS, GZIP, batch_of, put_batch, with_bytes


async def test_records_that_cannot_even_be_fetched_whole_are_parked_and_the_rest_is_applied(
    database: Database, relay: Any, kafka_bootstrap: str, topic: str
) -> None:
    foreign = batch_of((b"anna", b"poison", [("XX", b"1")]))
    huge = batch_of((b"anna", b"h" * (200 * MIB), []), codec=GZIP)
    assert len(huge) < MIB
    for raw, count in (
        (batch_of(record("anna", 1, 10)), 1),
        (with_bytes(foreign, b"XX", b"\xff\xfe"), 1),
        (batch_of(record("anna", 2, 20)), 1),
        (huge, 1),
        (batch_of(record("anna", 3, 30), record("bo", 1, 40)), 2),
    ):
        await put_batch(kafka_bootstrap, topic, 1, raw, count)
    await put_batch(kafka_bootstrap, topic, 2, batch_of(record("cy", 1, 50)))
    for _ in range(2):  # the second reader starts from the first one's offsets
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=3, bo=1, cy=1)
    parked = await rows(
        database, "SELECT partition, record_offset, reason, error FROM parked ORDER BY 2"
    )
    poison, cut = await letters(database, relay, kafka_bootstrap, topic)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20, 30, 40, 50]
    assert parked == [
        (1, 1, "unreadable", "a header's name is not UTF-8"),
        (1, 3, "unreadable", "the batch gets larger than 16 MiB"),
    ]
    assert (poison.key, poison.value) == (b"anna", b"poison")
    assert (cut.key, cut.value) == (b"anna", b"h" * HEAD)
    assert header(cut, "dlt_value_size") == str(200 * MIB)
    assert (header(cut, "dlt_partition"), header(cut, "dlt_offset")) == ("1", "3")


async def test_a_large_record_leaves_a_dead_letter_that_kafka_takes(
    database: Database, relay: Any, kafka_bootstrap: str, topic: str
) -> None:
    five_megabytes = batch_of(
        (b"k" * 100_000, b"v" * (5 * MIB), [("h", b"x" * 300_000), ("small", b"1")]), codec=GZIP
    )
    await put_batch(kafka_bootstrap, topic, 0, five_megabytes)
    await put_batch(kafka_bootstrap, topic, 0, batch_of(record("anna", 1, 10)))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=1)
    [letter] = await letters(database, relay, kafka_bootstrap, topic)

    assert await rows(database, "SELECT 1 FROM outbox_refused") == []
    assert len(letter.key) + len(letter.value) < MIB / 4
    assert header(letter, "dlt_value_size") == str(5 * MIB)
    assert header(letter, "dlt_key_size") == "100000"
    assert header(letter, "dlt_headers_left_off") == "2"


@pytest.mark.parametrize("codec", CODECS)
async def test_a_topic_is_read_however_it_is_compressed(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish, codec: str
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    compression = "uncompressed" if codec == "none" else codec
    configs = {"compression.type": compression}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])
    await admin.close()
    await publish(record("anna", 1, 10), record("anna", 2, 20, counter="c" * 400))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=2)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20]


@pytest.mark.parametrize("place", ["the poll", "behind the poll"])
async def test_a_fault_that_nobody_foresaw_leads_to_a_new_join_with_a_log_line_and_a_count(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    owner, name = {
        "the poll": (AIOKafkaConsumer, "getmany"),
        "behind the poll": (Fetcher, "_proc_fetch_request"),
    }[place]
    original: Any = getattr(owner, name)
    fault = "ZeroDivisionError" if place == "the poll" else "KafkaError"
    before = REJOINS.labels(fault)._value.get()
    broken: list[bool] = []

    async def broken_once(self: Any, *given: Any, **named: Any) -> Any:
        consumer = consumers._member._subscriber.consumer  # type: ignore[union-attr]
        if not broken and consumer and self in (consumer, consumer._fetcher):
            broken.append(consumers.joined)
            raise ZeroDivisionError
        return await original(self, *given, **named)

    await publish(record("anna", 1, 10))
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic) as consumers:
            await applied(database, anna=1)
            monkeypatch.setattr(owner, name, broken_once)
            async with asyncio.timeout(20):
                while consumers.joined:
                    await asyncio.sleep(0.01)
                with pytest.raises(ConnectionError, match="not joined"):
                    await consumers.check()
                while not consumers.joined:
                    await asyncio.sleep(0.01)
            await publish(record("anna", 2, 20))
            await applied(database, anna=2)
            await consumers.check()

    assert broken == [True]
    assert fault in [log["fault"] for log in logs if log["event"] == "poll_failed"]
    assert REJOINS.labels(fault)._value.get() == before + 1


async def test_readiness_names_a_topic_that_does_not_go_on_although_the_group_is_joined(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "STILL_SECONDS", 1.0)
    blocker = Database(database.url, size=2)
    await blocker.open()
    async with consuming(database, kafka_bootstrap, topic) as consumers:
        await publish(record("anna", 1, 10))
        await applied(database, anna=1)
        await consumers.check()
        async with blocker.connection() as connection, connection.transaction():
            await connection.execute(b"LOCK TABLE effects")
            await publish(record("anna", 2, 20), record("anna", 3, 30))
            async with asyncio.timeout(20):
                while True:
                    try:
                        await consumers.check()
                    except ConnectionError as fault:
                        words = str(fault)
                        break
                    await asyncio.sleep(0.05)
            lag = (await consumers.lag())[topic]
            assert consumers.joined
        await applied(database, anna=3)
        await consumers.check()
    await blocker.close()

    assert words.startswith(f"{topic}: ")
    assert "none was applied for" in words
    assert lag.records >= 1
    assert lag.seconds >= 1


async def test_of_applied_batches_the_share_that_is_set_is_logged(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic, logged_share=0.25):
            for number in range(1, 9):
                await publish(record("anna", number, number))
                await applied(database, anna=number)

    assert 2 == [log["event"] for log in logs].count("batch_applied")


async def test_each_batch_and_each_join_has_a_log_line(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    await publish(record("anna", 1, 10), record("anna", 2, 666))
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=2)
    found = {log["event"]: log for log in logs}

    assert found["group_joined"]["partitions"] == 4
    assert found["batch_applied"]["topic"] == topic
    assert found["record_parked"]["reason"] == "refused"
    assert "group_left" in found
    assert "666" not in json.dumps(logs, default=str)
