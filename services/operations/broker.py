"""Kafka as the command line reads it: where it is, and the records from some place on."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from services.chassis.messaging import tolerant_reading
from services.chassis.messaging.brokers import addresses
from services.operations.command_line import Installation
from services.operations.output import Exit, Failure

Servers = Annotated[
    str | None,
    typer.Option(
        "--bootstrap-servers",
        envvar="BOOKWITH_KAFKA_BOOTSTRAP_SERVERS",
        help="host:port; the local stack's when left out.",
    ),
]


def servers(context: typer.Context, given: str | None) -> str:
    """Return Kafka's address: as given, else the one that this installation knows."""
    installation = context.find_object(Installation)
    known = given or (installation.kafka() if installation else None)
    if known is None:
        raise Failure(
            Exit.UNAVAILABLE,
            "No Kafka is named, and no local stack runs here.",
            "Name one by --bootstrap-servers, or start the local stack with `make run`.",
        )
    return known


@dataclass(frozen=True, slots=True)
class Broker:
    """Kafka, read without joining a group or committing anything."""

    consumer: AIOKafkaConsumer
    admin: AIOKafkaAdminClient

    async def partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        """Return the partitions of the topics; one that does not exist has none."""
        found = await self.admin.describe_topics(list(topics))
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in found
            for partition in sorted(topic["partitions"], key=lambda each: each["partition"])
        ]

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """Return the offsets that the group has committed."""
        try:
            found = await self.admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            return {}  # no group has ever committed anything to this broker
        return {
            each: committed.offset for each, committed in found.items() if committed.offset >= 0
        }

    async def start_at(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets on."""
        self.consumer.assign(list(offsets))
        for each, offset in offsets.items():
            # A new assignment looks up its own position first, which would undo an earlier seek.
            await self.consumer.position(each)
            self.consumer.seek(each, offset)

    async def records(
        self, topics: Sequence[str], *, beginning: bool, follow: bool
    ) -> AsyncIterator[ConsumerRecord]:
        """Yield the records from the beginning or from now on, and go on when following."""
        partitions = await self.partitions(topics)
        if not partitions:
            return
        ends = await self.consumer.end_offsets(partitions)
        start = await self.consumer.beginning_offsets(partitions) if beginning else ends
        await self.start_at(start)
        position = self.consumer.position
        while [each for each in partitions if await position(each) < ends[each]]:
            for batch in (await self.consumer.getmany(timeout_ms=300)).values():
                for record in batch:
                    yield record
        if follow:
            async for record in self.later_records():
                yield record

    async def later_records(self) -> AsyncIterator[ConsumerRecord]:
        """Yield what comes after the records that were read, as it comes."""
        while self.consumer.assignment():
            for batch in (await self.consumer.getmany(timeout_ms=300)).values():
                for record in batch:
                    yield record


@asynccontextmanager
async def connected(bootstrap_servers: str) -> AsyncIterator[Broker]:
    """Connect to the broker; raise Failure when it does not answer."""
    tolerant_reading.install()
    servers = addresses(bootstrap_servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    try:
        await consumer.start()
        await admin.start()
        yield Broker(consumer, admin)
    except (KafkaError, OSError) as error:
        raise Failure(
            Exit.UNAVAILABLE, f"Kafka at {bootstrap_servers} does not answer ({error})."
        ) from error
    finally:
        await consumer.stop()
        await admin.close()
