"""Kafka around the service that runs: what other services publish, and what it publishes."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from contracts.registry import EVENTS
from contracts.topics import ALL_TOPICS, TOPICS
from services.chassis.ids import new_id

KINDS = {event.TYPE: event for event in EVENTS}
LONGEST_WAIT_SECONDS = 20.0


@dataclass(slots=True)
class OtherServices:
    """Publishes the events of the other services, in order and without a gap for each key."""

    producer: AIOKafkaProducer
    _sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def envelope(self, event: ContractEvent, **changes: Any) -> Envelope:
        """Return the event's envelope; its sequence is the next one of its key unless named."""
        place = (event.TOPIC, event.key)
        if "sequence" not in changes:
            self._sequences[place] += 1
        attributes: dict[str, Any] = {
            "id": str(new_id()),
            "type": event.TYPE,
            "source": event.SOURCE,
            "subject": event.subject,
            "time": datetime.now(UTC),
            "dataschema": event.DATASCHEMA,
            "partition_key": event.key,
            "sequence": self._sequences[place],
            "correlation_id": str(new_id()),
            "causation_id": str(new_id()),
        }
        return Envelope(**{**attributes, **changes})

    def forget_last(self, event: ContractEvent) -> None:
        """Give the number of the key's last envelope to the next one: the last was not its own."""
        self._sequences[event.TOPIC, event.key] -= 1

    async def publish(self, *events: ContractEvent, **changes: Any) -> list[Envelope]:
        """Publish the events in order; return their envelopes once Kafka has them."""
        envelopes = [self.envelope(event, **changes) for event in events]
        for event, envelope in zip(events, envelopes, strict=True):
            await self.send(event, envelope, event.model_dump_json().encode())
        return envelopes

    async def send(self, event: ContractEvent, envelope: Envelope, value: bytes) -> None:
        """Publish one record as given: what it carries need not be the event."""
        await self.producer.send_and_wait(
            event.TOPIC, key=event.key.encode(), value=value, headers=envelope.to_headers()
        )


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """One record as a subscriber reads it."""

    record: ConsumerRecord

    def header(self, name: str) -> str:
        """Return a header's text, empty when there is none."""
        held: bytes = dict(self.record.headers).get(name, b"")
        return held.decode()

    @property
    def kind(self) -> str:
        """Return the event's name."""
        return self.header("ce_type").split(".")[-2] if self.header("ce_type") else ""

    @property
    def body(self) -> dict[str, Any]:
        """Return the body as a program reads it."""
        held: dict[str, Any] = json.loads(self.record.value)
        return held

    @property
    def event(self) -> Any:
        """Return the contract event: reading it proves that the body keeps the contract."""
        return KINDS[self.header("ce_type")].model_validate_json(self.record.value)


class TopicReader:
    """All topics, read from the beginning as any subscriber reads them."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._received: dict[tuple[str, str], list[ReceivedRecord]] = defaultdict(list)
        self._arrived = asyncio.Condition()
        self.listeners: list[Callable[[ReceivedRecord], Any]] = []

    async def read(self) -> None:
        """Read until cancelled."""
        while True:
            batches = await self._consumer.getmany(timeout_ms=1_000)
            for received in (
                ReceivedRecord(record) for batch in batches.values() for record in batch
            ):
                key = (received.record.key or b"").decode(errors="replace")
                self._received[received.record.topic, key].append(received)
                for listener in self.listeners:
                    await listener(received)
            if batches:
                async with self._arrived:
                    self._arrived.notify_all()

    def of(self, topic: str, key: object) -> list[ReceivedRecord]:
        """Return what has been received of the key so far."""
        return self._received[topic, str(key)]

    def all_of(self, topic: str) -> list[ReceivedRecord]:
        """Return all that has been received on the topic so far."""
        return [
            each for (name, _), of_key in self._received.items() if name == topic for each in of_key
        ]

    async def until(
        self, topic: str, key: object, found: Callable[[list[ReceivedRecord]], bool]
    ) -> list[ReceivedRecord]:
        """Wait until what has been received of the key is enough."""
        try:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS), self._arrived:
                await self._arrived.wait_for(lambda: found(self.of(topic, key)))
        except TimeoutError:
            kinds = [each.kind for each in self.of(topic, key)]
            raise AssertionError(f"on {topic} there was of {key} only {kinds}") from None
        return self.of(topic, key)

    async def kinds(self, topic: str, key: object, last: str, times: int = 1) -> list[str]:
        """Return the names of the key's events once the last one has come so often."""
        found = await self.until(
            topic, key, lambda received: [each.kind for each in received].count(last) >= times
        )
        return [each.kind for each in found]

    async def one(self, topic: str, key: object, kind: str, number: int = 1) -> ReceivedRecord:
        """Return the key's first event of the name, or its nth."""

        def named(received: list[ReceivedRecord]) -> list[ReceivedRecord]:
            return [each for each in received if each.kind == kind]

        found = await self.until(topic, key, lambda received: len(named(received)) >= number)
        return named(found)[number - 1]


@asynccontextmanager
async def publishing_as_other_services(bootstrap: str) -> AsyncIterator[OtherServices]:
    """Publish in the name of the other services while the block runs."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        yield OtherServices(producer)
    finally:
        await producer.stop()


@asynccontextmanager
async def topic_reader(bootstrap: str) -> AsyncIterator[TopicReader]:
    """Read every topic of the contract while the block runs."""
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in ALL_TOPICS),
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=200,
    )
    await consumer.start()
    read = TopicReader(consumer)
    task = asyncio.create_task(read.read())
    try:
        yield read
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # The loop does not run during tests that are not async: an older fetch may time out.
        with suppress(KafkaError):
            await consumer.stop()


async def skip_to_the_end(bootstrap: str, group: str) -> None:
    """Commit the end of each topic for the group: it reads nothing that earlier tests published."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if group in topic.subscribers
            for number in range(topic.partitions)
        ]
        consumer.assign(places)
        await consumer.commit(await consumer.end_offsets(places))
    finally:
        await consumer.stop()


async def eventually(true: Callable[[], Any], what: str = "it") -> Any:
    """Return the first true value, plain or awaited."""
    deadline = asyncio.get_running_loop().time() + LONGEST_WAIT_SECONDS
    while True:
        found = true()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"{what} did not come true in time"
        await asyncio.sleep(0.01)
