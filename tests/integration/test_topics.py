"""Topics that are not as the registry says, and brokers that are not there: both are named."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import ALL_TOPICS
from services.chassis.messaging.topic_check import TopicCheck, topics_of
from services.chassis.runtime.readiness import reach_kafka
from services.operations.topics import create_missing

ROOT = Path(__file__).parents[2]
# Nothing of the other tests is written there or read from there.
LETTERS = next(topic for topic in ALL_TOPICS if topic.name == "booking.events.v1.policy.dlt")


def create_topics(bootstrap: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "services.operations", "create-topics"],
        cwd=ROOT,
        env={**os.environ, "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": bootstrap, "COLUMNS": "500"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
async def admin(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def test_a_topic_that_kafka_made_by_itself_is_named_by_the_command_and_by_readiness(
    kafka_bootstrap: str, admin: AIOKafkaAdminClient
) -> None:
    before = create_topics(kafka_bootstrap)
    await TopicCheck(kafka_bootstrap, topics_of("policy")).check()
    await admin.delete_topics([LETTERS.name])
    while LETTERS.name in await admin.list_topics():
        pass
    with pytest.raises(ConnectionError, match=f"^{LETTERS.name} is missing$"):
        await TopicCheck(kafka_bootstrap, topics_of("policy")).check()
    await admin.create_topics([NewTopic(LETTERS.name, 3, 1)])  # as a broker makes its own
    try:
        code, printed = create_topics(kafka_bootstrap)
        with pytest.raises(ConnectionError) as named:
            await TopicCheck(kafka_bootstrap, topics_of("policy")).check()
        await TopicCheck(kafka_bootstrap, topics_of("notifier")).check()
    finally:
        await admin.delete_topics([LETTERS.name])
        while LETTERS.name in await admin.list_topics():
            pass
        after = create_topics(kafka_bootstrap)

    for said in (str(named.value), printed):
        assert f"{LETTERS.name} has 3 partitions, not 1" in said
        assert f"{LETTERS.name} has retention.ms=-1, not 2592000000" in said
        assert f"{LETTERS.name} has max.message.bytes=1048588, not 2097152" in said
    assert (before[0], code, after[0]) == (0, 1, 0), (before, after)


async def test_a_topic_just_made_is_not_called_missing(
    kafka_bootstrap: str, admin: AIOKafkaAdminClient
) -> None:
    for _ in range(15):  # the broker hears of it from the controller a moment later, at times
        await admin.delete_topics([LETTERS.name])
        while LETTERS.name in await admin.list_topics():
            pass

        assert ([LETTERS.name], []) == await create_missing(kafka_bootstrap, 1)


async def test_a_setting_of_a_topic_that_was_changed_is_named(
    kafka_bootstrap: str, admin: AIOKafkaAdminClient
) -> None:
    kept = {**LETTERS.config(), "retention.ms": "1000"}
    resource = ConfigResource(ConfigResourceType.TOPIC, LETTERS.name, configs=kept)
    await admin.alter_configs([resource])
    check = TopicCheck(kafka_bootstrap, topics_of("policy"))
    try:
        for _ in range(2):  # the second time from memory
            with pytest.raises(ConnectionError, match=r"has retention\.ms=1000, not 2592000000"):
                await check.check()
    finally:
        mended = ConfigResource(ConfigResourceType.TOPIC, LETTERS.name, configs=LETTERS.config())
        await admin.alter_configs([mended])


async def test_probes_and_tools_take_several_brokers_of_which_some_are_dead(
    kafka_bootstrap: str, nobody: str
) -> None:
    for servers in (f"{nobody},{kafka_bootstrap}", f"{kafka_bootstrap},{nobody}"):
        await reach_kafka(servers)
        await TopicCheck(servers, topics_of("policy")).check()
        code, printed = create_topics(servers)
        assert (code, "0 created" in printed) == (0, True), printed
    with pytest.raises(ConnectionError, match=f"{nobody} does not answer"):
        await reach_kafka(f"{nobody},{nobody}")
