"""Kafka as the command line reads it: where it is, and the records from some place on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from services.operations.output import Exit, Failure

Servers = Annotated[
    str | None,
    typer.Option(
        "--bootstrap-servers",
        envvar="BOOKWITH_KAFKA_BOOTSTRAP_SERVERS",
        help="host:port; the local stack's when left out.",
    ),
]


def servers(given: str | None) -> str:
    """Return Kafka's address: as given, else that of the local stack."""
    if given:
        return given
    try:
        from deploy.local import settings  # noqa: PLC0415 -- production has no local stack
        from deploy.local.state import StateFile  # noqa: PLC0415
    except ModuleNotFoundError:
        state = None
    else:
        state = StateFile(settings.state_dir()).read()
    for part in state.parts if state else ():
        if part.role == "kafka" and part.url:
            return part.url
    raise Failure(
        Exit.UNAVAILABLE,
        "No local stack runs here.",
        "Start it with `make run`, or name Kafka by --bootstrap-servers.",
    )


@asynccontextmanager
async def connected(
    bootstrap_servers: str, group: str | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    """Lend a consumer that joins no group and commits nothing."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers, group_id=group, enable_auto_commit=False
    )
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError) as error:
        raise Failure(
            Exit.UNAVAILABLE, f"Kafka at {bootstrap_servers} does not answer ({error})."
        ) from error
    finally:
        await consumer.stop()


async def partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    """Return the partitions of the topics; one that does not exist has none."""
    await consumer.topics()  # learns of all topics, whatever was subscribed to
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(consumer.partitions_for_topic(topic) or ())
    ]


async def records(
    consumer: AIOKafkaConsumer, topics: Sequence[str], *, beginning: bool, follow: bool
) -> AsyncIterator[ConsumerRecord]:
    """Yield the records from the beginning or from now on, and go on when following."""
    held = await partitions(consumer, topics)
    consumer.assign(held)
    if not held:
        return
    if beginning:
        await consumer.seek_to_beginning(*held)
    else:
        await consumer.seek_to_end(*held)
    ends = await consumer.end_offsets(held)
    while follow or [each for each in held if await consumer.position(each) < ends[each]]:
        for batch in (await consumer.getmany(timeout_ms=300)).values():
            for record in batch:
                yield record
