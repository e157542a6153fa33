"""`bookwith create-topics`: the topics of the contracts' registry, with what each asks for."""

import asyncio
import time
from typing import Annotated

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from contracts.topics import ALL_TOPICS, Topic
from services.chassis.messaging.brokers import addresses
from services.chassis.messaging.topic_check import differences, differences_by
from services.operations.output import Exit, Failure, Json, failures, show

WAIT_SECONDS = 30.0

app = typer.Typer(rich_markup_mode=None)

Servers = Annotated[str, typer.Option(envvar="BOOKWITH_KAFKA_BOOTSTRAP_SERVERS")]
Replication = Annotated[int, typer.Option(min=1, help="Copies of each partition.")]


@app.command()
def create_topics(
    bootstrap_servers: Servers, *, replication: Replication = 1, as_json: Json = False
) -> None:
    """Create the topics that are missing; those that exist stay as they are, and are compared."""
    with failures(as_json=as_json):
        try:
            made, differing = asyncio.run(create_missing(bootstrap_servers, replication))
        except KafkaError as error:
            raise Failure(Exit.UNAVAILABLE, f"Kafka at {bootstrap_servers}: {error}") from error
        if differing:
            raise Failure(
                Exit.FAILED,
                "Kafka has topics that are not as the contracts say (they may have been made by"
                f" Kafka itself): {'; '.join(differing)}.",
                "Settings can be changed by kafka-configs.sh --alter. Partitions cannot: delete a"
                " topic that is still empty and run this again; switch off auto.create.topics.",
            )
        text = f"{len(made)} created, {len(ALL_TOPICS) - len(made)} existed already."
        show({"created": made}, as_json=as_json, text=lambda: text)


def topic_differences(bootstrap_servers: str) -> list[str]:
    """Return one sentence for each topic that is not as the contracts say."""
    try:
        return asyncio.run(differences(bootstrap_servers, ALL_TOPICS))
    except KafkaError as error:
        return [f"Kafka does not tell ({type(error).__name__})"]


async def create_missing(bootstrap_servers: str, replication: int) -> tuple[list[str], list[str]]:
    """Return the names of the topics made, and one sentence for each that differs."""
    client = AIOKafkaAdminClient(bootstrap_servers=addresses(bootstrap_servers))
    await client.start()
    try:
        made = await _create_with(client, [_new_topic(each, replication) for each in ALL_TOPICS])
        await _until_known(client, {topic.name for topic in ALL_TOPICS})
        return made, await differences_by(client, list(ALL_TOPICS))
    finally:
        await client.close()


async def _create_with(client: AIOKafkaAdminClient, topics: list[NewTopic]) -> list[str]:
    """Ask until each topic exists: a broker that has just started refuses for a moment."""
    made: list[str] = []
    deadline = time.monotonic() + WAIT_SECONDS
    while topics:
        answer = await client.create_topics(topics)
        refused: dict[str, type[KafkaError]] = {}
        for name, code, *_ in answer.topic_errors:
            if code == 0:
                made.append(name)
            elif (error := for_code(code)) is not TopicAlreadyExistsError:
                refused[name] = error
        topics = [topic for topic in topics if topic.name in refused]
        for error in refused.values():
            if not error.retriable or time.monotonic() > deadline:
                raise error(", ".join(sorted(refused)))
        if topics:
            await asyncio.sleep(0.2)
    return made


async def _until_known(client: AIOKafkaAdminClient, names: set[str]) -> None:
    """Wait until the broker names them: it hears from the controller of topics a moment later."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if names <= {*await client.list_topics()}:
            return
        await asyncio.sleep(0.05)


def _new_topic(topic: Topic, replication: int) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config())
