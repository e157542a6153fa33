"""Waiting until a stack is idle: outboxes empty, no lag, all mails sent, all services ready."""

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
from tests.checker.evidence import IdleState

SERVICES = ("booking", "availability", "notifier", "policy")
UNKNOWN = -1

Ends = dict[TopicPartition, int]

_OUTBOX = "SELECT count(*) FROM outbox"
_UNFINISHED = """
    SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending', 'retrying')
"""


async def wait_until_idle(
    stack: LocalStack, services: Sequence[str] = SERVICES, seconds: float = 30.0
) -> tuple[IdleState, ...]:
    """Wait until no work is left and all services are ready; return the state of each.

    Services are asked one after the other while work moves between them, so the stack is idle when
    all of them were in one round, and no topic got a record in that round. What a service still
    has to do is printed whenever it changes: it explains a wait that fails.
    """
    began = time.monotonic()
    idle_since: dict[str, float] = {}
    printed: dict[str, IdleState] = {}
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        ends = await _ends(stack)
        while True:
            rest = [await _rest(stack, http, service, ends) for service in services]
            taken = round(time.monotonic() - began, 1)
            for each in rest:
                if not _busy(each):
                    idle_since.setdefault(each.service, taken)
                    continue
                idle_since.pop(each.service, None)
                if printed.get(each.service) != each:
                    print(f"at {taken} s {each}")
                    printed[each.service] = each
            before, ends = ends, await _ends(stack)
            if (len(idle_since) == len(rest) and ends == before) or taken > seconds:
                return tuple(
                    replace(each, seconds=idle_since.get(each.service, taken)) for each in rest
                )
            await asyncio.sleep(0.1)


def _busy(rest: IdleState) -> bool:
    return bool(not rest.ready or rest.outbox or rest.lag or rest.unfinished)


async def _rest(
    stack: LocalStack, http: httpx.AsyncClient, service: str, ends: Ends | None
) -> IdleState:
    missing = await _missing(stack, http, service)
    # In the order in which work passes through a service: what leaves one place is in the next.
    lag = await _lag(stack, service, ends)
    unfinished = await _count(stack, service, _UNFINISHED) if service == "notifier" else 0
    return IdleState(
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
