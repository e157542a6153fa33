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

from contracts.topics import TOPICS
from deploy.local.stack import LocalStack
from tests.checker.evidence import Rest

SERVICES = ("booking", "availability", "notifier", "policy")
UNKNOWN = -1

_OUTBOX = "SELECT count(*) FROM outbox"
_UNFINISHED = """
    SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending', 'retrying')
"""


async def until_quiet(
    stack: LocalStack, services: Sequence[str] = SERVICES, seconds: float = 30.0
) -> tuple[Rest, ...]:
    """Wait until nothing waits and all are ready; return how it stands at the end.

    What a service waits for is printed whenever it changes: of a wait in vain, that is the story.
    """
    began = time.monotonic()
    quiet_since: dict[str, float] = {}
    told: dict[str, Rest] = {}
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        while True:
            rest = [await _rest(stack, http, service) for service in services]
            taken = round(time.monotonic() - began, 1)
            for each in rest:
                if not _busy(each):
                    quiet_since.setdefault(each.service, taken)
                    continue
                quiet_since.pop(each.service, None)
                if told.get(each.service) != each:
                    print(f"at {taken} s {each}")
                    told[each.service] = each
            if len(quiet_since) == len(rest) or taken > seconds:
                return tuple(
                    replace(each, seconds=quiet_since.get(each.service, taken)) for each in rest
                )
            await asyncio.sleep(0.1)


def _busy(rest: Rest) -> bool:
    return bool(not rest.ready or rest.outbox or rest.lag or rest.unfinished)


async def _rest(stack: LocalStack, http: httpx.AsyncClient, service: str) -> Rest:
    missing = await _missing(stack, http, service)
    return Rest(
        service=service,
        ready=not missing,
        outbox=await _count(stack, service, _OUTBOX),
        lag=await _lag(stack, service),
        unfinished=await _count(stack, service, _UNFINISHED) if service == "notifier" else 0,
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


async def _lag(stack: LocalStack, group: str) -> int:
    topics = [topic for topic in TOPICS if group in topic.subscribers]
    partitions = [TopicPartition(t.name, number) for t in topics for number in range(t.partitions)]
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka)
    try:
        await admin.start()
        committed = await admin.list_consumer_group_offsets(group)
        await consumer.start()
        ends = await consumer.end_offsets(partitions)
    except (KafkaError, OSError):
        return UNKNOWN  # the broker is not back yet
    finally:
        await admin.close()
        await consumer.stop()
    return sum(
        end - (max(committed[partition].offset, 0) if partition in committed else 0)
        for partition, end in ends.items()
    )
