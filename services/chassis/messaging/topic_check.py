"""Whether Kafka's topics are as the contracts' registry says: a broker may have made its own."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code

from contracts.topics import ALL_TOPICS, Topic
from services.chassis.messaging.brokers import addresses

REQUEST_MS = 2_500
# How often a probe asks Kafka again, how soon after a fault (another broker may only not have heard
# of a new topic), and how long it may take.
LOOK_EVERY_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 2.0
LOOK_SECONDS = 2.0


def topics_of(service: str) -> list[Topic]:
    """Return the topics that a service publishes, reads, or parks in."""
    return [each for each in ALL_TOPICS if service in (each.publisher, *each.subscribers)]


class TopicCheck:
    """The topics of a service, compared now and then; a probe gets what was found last."""

    def __init__(self, bootstrap_servers: str, topics: Sequence[Topic]) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._found: list[str] = []
        self._looked_at = -LOOK_EVERY_SECONDS
        self._looking = asyncio.Lock()

    async def check(self) -> None:
        """Raise ConnectionError that names each difference; while Kafka is away, the last ones."""
        async with self._looking:
            pause = LOOK_AGAIN_SECONDS if self._found else LOOK_EVERY_SECONDS
            if time.monotonic() - self._looked_at > pause:
                with suppress(KafkaError, OSError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        self._found = await differences(self._bootstrap_servers, self._topics)
                        self._looked_at = time.monotonic()
        if self._found:
            raise ConnectionError("; ".join(self._found))


async def differences(bootstrap_servers: str, topics: Iterable[Topic]) -> list[str]:
    """Return one sentence for each difference; raise KafkaError when Kafka does not tell."""
    client = AIOKafkaAdminClient(
        bootstrap_servers=addresses(bootstrap_servers), request_timeout_ms=REQUEST_MS
    )
    try:
        await client.start()
        return await differences_by(client, list(topics))
    finally:
        await client.close()


async def differences_by(client: AIOKafkaAdminClient, topics: list[Topic]) -> list[str]:
    """Return one sentence for each difference, asked of a client that is connected."""
    # All of them: to ask for one by its name would let Kafka make it.
    described = {each["topic"]: each for each in await client.describe_topics()}
    missing = [topic for topic in topics if _is_missing(described.get(topic.name))]
    present = [topic for topic in topics if topic not in missing]
    config = await _config(client, [topic.name for topic in present]) if present else {}
    found = [f"{topic.name} is missing" for topic in missing]
    for topic in present:
        count = len(described[topic.name]["partitions"])
        found += topic.differences(count, config.get(topic.name, {}))
    return found


def _is_missing(described: dict[str, object] | None) -> bool:
    code = None if described is None else described["error_code"]
    return described is None or for_code(code) is UnknownTopicOrPartitionError


async def _config(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Return the settings of each topic; none where they may not be read."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for answer in await client.describe_configs(asked):
        for code, _, _, name, entries in answer.resources:
            if code == 0:
                found[name] = {entry[0]: entry[1] for entry in entries}
            elif issubclass(fault := for_code(code), KafkaError) and fault.retriable:
                raise fault(name)
    return found
