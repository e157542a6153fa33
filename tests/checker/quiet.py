"""Waiting for rest: outboxes empty, consumer groups at the end, letters gone, everybody ready."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.topics import ALL_TOPICS, TOPICS
from deploy.local.stack import LocalStack
from tests.checker.evidence import Rest

SERVICES = ("booking", "availability", "notifier", "policy")
UNKNOWN = -1

Ends = dict[TopicPartition, int]

_OUTBOX = "SELECT count(*) FROM outbox"
_UNFINISHED = """
    SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending', 'retrying')
"""


async def until_quiet(
    stack: LocalStack, services: Sequence[str] = SERVICES, seconds: float = 30.0
) -> tuple[Rest, ...]:
    """Wait until nothing waits and all are ready; return how it stands at the end.

    Services are asked one after the other, and work goes round between them: it is quiet when all
    of them were, in a round in which nothing came onto any topic.
    What a service waits for is printed whenever it changes: of a wait in vain, that is the story.
    """
    began = time.monotonic()
    quiet_since: dict[str, float] = {}
    told: dict[str, Rest] = {}
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        ends = await _ends(stack)
        while True:
            rest = [await _rest(stack, http, service, ends) for service in services]
            taken = round(time.monotonic() - began, 1)
            for each in rest:
                if not _busy(each):
                    quiet_since.setdefault(each.service, taken)
                    continue
                quiet_since.pop(each.service, None)
                if told.get(each.service) != each:
                    print(f"at {taken} s {each}")
                    told[each.service] = each
            before, ends = ends, await _ends(stack)
            if (len(quiet_since) == len(rest) and ends == before) or taken > seconds:
                return tuple(
                    replace(each, seconds=quiet_since.get(each.service, taken)) for each in rest
                )
            await asyncio.sleep(0.1)


def _busy(rest: Rest) -> bool:
    return bool(not rest.ready or rest.outbox or rest.lag or rest.unfinished)


async def _rest(
    stack: LocalStack, http: httpx.AsyncClient, service: str, ends: Ends | None
) -> Rest:
    missing = await _missing(stack, http, service)
    # In the order in which work passes through a service: what leaves one place is in the next.
    lag = await _lag(stack, service, ends)
    unfinished = await _count(stack, service, _UNFINISHED) if service == "notifier" else 0
    return Rest(
        service=service,
        ready=not missing,
        lag=lag,
        unfinished=unfinished,
        outbox=await _count(stack, service, _OUTBOX),
        seconds=0.0,
        missing=missing,
    )


async def _missing(stack: LocalStack, http: httpx.AsyncClient, service: str) -> str:
    """Return why the service is not ready; nothing if it is."""
    parts = [part for part in stack.state.parts if part.name.partition("-")[0] == service]
    if waiting := [f"{part.name} is {part.state}" for part in parts if part.state != "running"]:
        return ", ".join(waiting)
    try:
        answer = await http.get(f"{stack.url(service)}/readyz")
    except httpx.TransportError as fault:
        return repr(fault)
    ready = answer.status_code == 200 and not answer.json()["degraded"]
    return "" if ready else answer.text


async def _count(stack: LocalStack, service: str, question: str) -> int:
    try:
        async with await psycopg.AsyncConnection.connect(
            stack.database_url(service), connect_timeout=3
        ) as connection:
            row = await (await connection.execute(question.encode())).fetchone()
    except psycopg.OperationalError:
        return UNKNOWN  # the database is not back yet
    return int(row[0]) if row else UNKNOWN


async def _ends(stack: LocalStack) -> Ends | None:
    """Return where every topic ends; None while the broker is not back."""
    partitions = [
        TopicPartition(t.name, number) for t in ALL_TOPICS for number in range(t.partitions)
    ]
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka)
    try:
        await consumer.start()
        found: Ends = await consumer.end_offsets(partitions)
    except (KafkaError, OSError):
        return None
    finally:
        await consumer.stop()
    return found


async def _lag(stack: LocalStack, group: str, ends: Ends | None) -> int:
    if ends is None:
        return UNKNOWN
    topics = {topic.name for topic in TOPICS if group in topic.subscribers}
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(group)
    except (KafkaError, OSError):
        return UNKNOWN  # the broker is not back yet
    finally:
        await admin.close()
    return sum(
        end - (max(committed[partition].offset, 0) if partition in committed else 0)
        for partition, end in ends.items()
        if partition.topic in topics
    )
