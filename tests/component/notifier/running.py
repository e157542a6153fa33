"""A notifier that runs whole, and Kafka on both sides of it: booking's part and a subscriber's."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.ids import new_id
from services.chassis.runtime import ROLES, Process
from services.notifier.app import build
from services.notifier.settings import NotifierSettings
from tests.component.notifier.workshop import eventually


@dataclass(slots=True)
class Booking:
    """Plays booking: publishes its events, in order and without a gap for each key."""

    producer: AIOKafkaProducer
    _sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    async def publish(self, *events: ContractEvent) -> None:
        """Publish the events as one journey."""
        journey = str(new_id())
        for event in events:
            value = None if event.TOMBSTONE else event.model_dump_json().encode()
            await self.send(event, value, journey=journey)

    async def send(
        self,
        event: ContractEvent,
        value: bytes | None,
        *,
        type_: str | None = None,
        journey: str = "a journey",
        times: int = 1,
    ) -> None:
        """Publish a record with this value, `times` over."""
        place = (event.TOPIC, event.key)
        self._sequences[place] += 1
        envelope = Envelope(
            id=str(new_id()),
            type=type_ or event.TYPE,
            source=event.SOURCE,
            subject=event.subject,
            time=datetime.now(UTC),
            partition_key=event.key,
            sequence=self._sequences[place],
            correlation_id=journey,
            causation_id=journey,
        )
        for _ in range(times):
            await self.producer.send_and_wait(
                event.TOPIC, key=event.key.encode(), value=value, headers=envelope.to_headers()
            )


@asynccontextmanager
async def booking_side(bootstrap: str) -> AsyncIterator[Booking]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        yield Booking(producer)
    finally:
        await producer.stop()


async def heard(
    bootstrap: str, topic: str, key: str, count: int, seconds: float = 15.0
) -> list[ConsumerRecord]:
    """Return the first records of the key on the topic, as a subscriber reads it from the start."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    found: list[ConsumerRecord] = []
    await consumer.start()
    try:
        async with asyncio.timeout(seconds):
            async for record in consumer:
                if record.key == key.encode():
                    found.append(record)
                if len(found) == count:
                    return found
    finally:
        await consumer.stop()
    raise AssertionError("unreachable")


@dataclass(slots=True)
class Running:
    """A whole notifier in this process."""

    process: Process
    http: httpx.AsyncClient

    async def ready(self) -> None:
        """Wait until the consumer group is joined."""
        everything = {"ready": True, "not_ready": {}, "degraded": {}}

        async def all_there() -> bool:
            answer = await self.http.get("/readyz")
            return bool(answer.json() == everything)

        await eventually(all_there, 30)


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Running]:
    """Run all roles of a notifier with these settings."""
    process = build(NotifierSettings(**settings), frozenset(ROLES))
    assert process.app is not None
    for step in process.open:
        await step()
    tasks = [asyncio.ensure_future(step()) for step in process.run]
    transport = httpx.ASGITransport(app=process.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        notifier = Running(process, client)
        await notifier.ready()
        yield notifier
    for step in process.stop:
        await step()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for step in process.close:
        await step()
