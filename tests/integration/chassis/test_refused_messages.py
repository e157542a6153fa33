"""Messages that Kafka refuses: put aside with what follows of their key, the others go on."""

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.chassis.messaging import producer, refused_messages
from services.chassis.messaging.outbox import record
from services.chassis.messaging.relay import Relay
from services.chassis.postgres.database import Database, execute, run_all
from tests.component.kafka import eventually
from tests.component.running import migrated
from tests.integration.chassis.reading import header, read_topic
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.test_outbox import drained
from tests.integration.chassis.test_poolers import environment
from tests.integration.chassis.toy import TOPIC, add

LARGE = "c" * 3_000


async def limit(kafka_bootstrap: str, topic: str, size: int) -> None:
    """Set the largest record that the topic takes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    resource = ConfigResource(
        ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": str(size)}
    )
    await admin.alter_configs([resource])
    await admin.close()


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[None]:
    running = asyncio.create_task(relay.run())
    yield
    await relay.stop()
    await running


async def sequences(kafka_bootstrap: str, topic: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for each in await read_topic(kafka_bootstrap, topic):
        found[each.key.decode()].append(int(header(each, "ce_sequence")))
    return dict(found)


async def test_a_message_that_kafka_refuses_is_put_aside_and_only_its_key_waits_behind_it(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    await limit(kafka_bootstrap, topic, 2_000)
    for turn in range(3):
        for owner in ("anna", "bo", "cy"):
            large = (owner, turn) == ("anna", 1)
            await add(database, owner, LARGE if large else f"c{turn}")
    async with relaying(relay):

        async def only_the_refused_waits() -> bool:
            return await rows(database, "SELECT count(*) FROM outbox") == [(1,)]

        await eventually(only_the_refused_waits)
        await add(database, "bo", "later")
        await eventually(only_the_refused_waits)
        [aside] = await refused_messages.refused_messages(database)
        with pytest.raises(ConnectionError, match="1 messages that Kafka refused are put aside"):
            await relay.check()
        first = await sequences(kafka_bootstrap, topic)

        await limit(kafka_bootstrap, topic, 1_000_000)
        assert await refused_messages.put_back(database) == 1
        await drained(database)
        await relay.check()

    assert first == {"anna": [1], "bo": [1, 2, 3, 4], "cy": [1, 2, 3]}
    assert (aside.topic, aside.key, aside.sequence, aside.behind) == (topic, "anna", 2, 1)
    assert aside.fault == "MessageSizeTooLargeError"
    assert await sequences(kafka_bootstrap, topic) == {**first, "anna": [1, 2, 3]}


async def test_what_was_acknowledged_is_not_sent_again_because_a_neighbour_is_refused(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    await limit(kafka_bootstrap, topic, 2_000)
    for number in range(17):
        await add(database, f"owner-{number}", "c")
    for number in range(5):
        await add(database, f"large-{number}", LARGE)
    async with relaying(relay):
        await drained(database)
    published = [each.key.decode() for each in await read_topic(kafka_bootstrap, topic)]

    assert sorted(published) == sorted(f"owner-{number}" for number in range(17))
    assert await rows(database, "SELECT count(*) FROM outbox_refused") == [(5,)]


async def test_the_messages_of_a_topic_that_is_not_there_wait_and_the_others_go_on(
    database: Database,
    relay: Relay,
    kafka_bootstrap: str,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(producer, "TOPIC_PAUSE_SECONDS", 1.0)
    missing = "toy.missing.v1"
    async with database.transaction() as connection:
        await run_all(connection, [record(missing, b"k", b"%d" % n, []) for n in range(3)])
    await add(database, "anna", "c")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    async with relaying(relay):

        async def the_other_is_sent() -> bool:
            found = await rows(database, "SELECT DISTINCT topic FROM outbox")
            return found == [(missing,)]

        await eventually(the_other_is_sent)
        with pytest.raises(ConnectionError, match=f"{missing} .UnknownTopicOrPartition"):
            await relay.check()
        assert await rows(database, "SELECT 1 FROM outbox_refused") == []
        try:
            await admin.create_topics([NewTopic(missing, 1, 1)])
            await drained(database)
            late = await read_topic(kafka_bootstrap, missing)
        finally:
            await admin.delete_topics([missing])
            await admin.close()

    assert [each.value for each in late] == [b"0", b"1", b"2"]
    assert await sequences(kafka_bootstrap, topic) == {"anna": [1]}


async def test_a_row_that_is_broken_itself_is_put_aside(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    await add(database, "anna", "c")
    broken: Any = record(TOPIC, b"k", b"{}", [])
    async with database.transaction() as connection:
        await execute(connection, broken.prepared, **{**broken.values, "headers": "[not JSON"})
    await add(database, "bo", "c")
    async with relaying(relay):
        await drained(database)
    [aside] = await refused_messages.refused_messages(database)

    assert (aside.key, aside.fault) == ("k", "JSONDecodeError")
    assert await sequences(kafka_bootstrap, topic) == {"anna": [1], "bo": [1]}


async def test_the_service_lists_what_is_put_aside_and_puts_it_back(
    database_url_factory: Callable[[str], str], kafka_bootstrap: str
) -> None:
    url = migrated(database_url_factory("policy"), "policy")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO outbox_refused (position, topic, key, sequence, headers, value,"
            " staged_at, fault) VALUES (7, 'policy.events.v1', 'anna', 3, '', 'body', now(),"
            " 'MessageSizeTooLargeError')"
        )

        async def refused(*more: str) -> str:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services.policy", "refused", *more),
                env={**os.environ, **environment(url, kafka_bootstrap)},
                cwd=Path(__file__).parents[3],
                stdout=asyncio.subprocess.PIPE,
            )
            printed, _ = await process.communicate()
            assert process.returncode == 0
            return printed.decode()

        listed = json.loads(await refused())
        await refused("--put-back")
        nothing = await refused()
        back = connection.execute("SELECT position, topic, sequence FROM outbox").fetchall()

    assert (listed["position"], listed["key"], listed["size"]) == (7, "anna", 4)
    assert "body" not in json.dumps(listed)
    assert (nothing, back) == ("", [(7, "policy.events.v1", 3)])
