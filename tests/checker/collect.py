"""Reading the evidence from a stack: databases, topics, inbox, supervisor, each as outsiders do."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from psycopg.rows import dict_row

from contracts.topics import DEAD_LETTER_TOPICS, TOPICS
from deploy.local.stack import LocalStack
from tests.checker.evidence import (
    Asked,
    Booked,
    Claim,
    Delivery,
    Evidence,
    Fault,
    Letter,
    Poison,
    Rest,
    Stored,
)
from tests.e2e.inbox import read_inbox
from tests.e2e.topics import Record, read_topics

SERVICES = ("booking", "availability", "notifier", "policy")
STORES = ("booking", "policy")

_EVENTS = """
    SELECT id::text, stream, version, partition_key AS key, sequence, type, time, data FROM events
"""
_DRAWN = "SELECT topic, key, last FROM sequences"
_BOOKED = 'SELECT id::text AS booking_id, status, starts_at AS start, ends_at AS "end" FROM bookings'
_BOOKING_CLAIMS = """
    SELECT booking_id::text, lower(during) AS start, upper(during) AS "end" FROM slot_claims
"""
_AVAILABILITY_CLAIMS = """
    SELECT booking_id::text, starts_at AS start, ends_at AS "end" FROM claims
"""
_EMAILS = "SELECT booking_id::text, email FROM attendees"
_DELIVERIES = """
    SELECT booking_id::text, ics_sequence, recipient, kind, state FROM deliveries
"""
_OUTBOX = "SELECT count(*) AS count FROM outbox"
_UNFINISHED = """
    SELECT count(*) AS count FROM deliveries WHERE state IN ('waiting', 'sending', 'retrying')
"""


class Collector:
    """Reads one stack again and again; letters and records, which never change, only once."""

    def __init__(self, stack: LocalStack, services: Sequence[str] = SERVICES) -> None:
        self._stack = stack
        self._services = services
        self._http = httpx.AsyncClient(timeout=10, trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def quiet(self, seconds: float = 30.0) -> tuple[Rest, ...]:
        """Wait until nothing waits and all are ready; return how it stands at the end."""
        began = time.monotonic()
        while True:
            rest = await self._rest(began)
            busy = any(not r.ready or r.outbox or r.lag or r.unfinished for r in rest)
            if not busy or time.monotonic() - began > seconds:
                return rest
            await asyncio.sleep(0.1)

    async def evidence(
        self,
        asked: Iterable[Asked],
        rest: tuple[Rest, ...],
        faults: Iterable[Fault],
        poisons: Iterable[Poison] = (),
    ) -> Evidence:
        """Read everything."""
        stored, drawn = await self._stored(), await self._drawn()
        bookings = await self._rows("booking", _BOOKED)
        return Evidence(
            asked=tuple(asked),
            stored=tuple(stored),
            records=tuple(await read_topics(self._stack.kafka, [t.name for t in TOPICS])),
            drawn=drawn,
            booked=tuple(Booked(**row) for row in bookings),
            booking_claims=await self._claims("booking", _BOOKING_CLAIMS),
            availability_claims=await self._claims("availability", _AVAILABILITY_CLAIMS),
            emails={
                row["booking_id"]: row["email"] for row in await self._rows("booking", _EMAILS)
            },
            deliveries=tuple(
                Delivery(**row) for row in await self._rows("notifier", _DELIVERIES)
            ),
            letters=await self._letters(),
            dead_letters=await self._dead_letters(),
            poisons=tuple(poisons),
            rest=rest,
            deaths=self.deaths(),
            faults=tuple(faults),
        )

    def deaths(self) -> dict[str, int]:
        """Return how often each part was started again, its instances together."""
        counted: Counter[str] = Counter()
        for part in self._stack.state.parts:
            counted[part.name.partition("-")[0]] += part.restarts
        return dict(counted)

    async def _rest(self, began: float) -> tuple[Rest, ...]:
        rest = []
        for service in self._services:
            outbox = await self._count(service, _OUTBOX)
            unfinished = await self._count(service, _UNFINISHED) if service == "notifier" else 0
            lag = await self._lag(service)
            ready = await self._ready(service)
            taken = time.monotonic() - began
            rest.append(Rest(service, ready, outbox, lag, unfinished, taken))
        return tuple(rest)

    async def _ready(self, service: str) -> bool:
        parts = self._stack.parts()
        names = [name for name in parts if name.partition("-")[0] == service]
        if any(parts[name].state != "running" for name in names):
            return False
        try:
            answer = await self._http.get(f"{self._stack.url(service)}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and not answer.json()["degraded"]

    async def _lag(self, group: str) -> int:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._stack.kafka)
        topics = [topic.name for topic in TOPICS if group in topic.subscribers]
        try:
            await admin.start()
            committed = await admin.list_consumer_group_offsets(group)
        except Exception:
            return -1  # the broker is not back yet
        finally:
            await admin.close()
        ends = await _ends(self._stack.kafka, topics)
        return sum(
            end - max(committed[partition].offset if partition in committed else 0, 0)
            for partition, end in ends.items()
        )

    async def _count(self, service: str, question: str) -> int:
        try:
            return int((await self._rows(service, question))[0]["count"])
        except psycopg.OperationalError:
            return -1  # the database is not back yet

    async def _rows(self, service: str, question: str) -> list[dict[str, Any]]:
        if service not in self._services:
            return []
        url = self._stack.database_url(service)
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
            cursor = await connection.execute(question.encode())
            return await cursor.fetchall()

    async def _stored(self) -> list[Stored]:
        return [
            Stored(service=service, **row)
            for service in STORES
            for row in await self._rows(service, _EVENTS)
        ]

    async def _drawn(self) -> dict[tuple[str, str], int]:
        return {
            (row["topic"], row["key"]): row["last"]
            for service in self._services
            for row in await self._rows(service, _DRAWN)
        }

    async def _claims(self, service: str, question: str) -> tuple[Claim, ...]:
        return tuple(Claim(**row) for row in await self._rows(service, question))

    async def _letters(self) -> tuple[Letter, ...]:
        if "notifier" not in self._services:
            return ()
        async with httpx.AsyncClient(base_url=self._stack.inbox_url, trust_env=False) as http:
            return tuple(
                Letter(mail.message_id, mail.to, mail.method, mail.uid, mail.sequence)
                for mail in await read_inbox(http)
            )

    async def _dead_letters(self) -> tuple[Record, ...]:
        return tuple(await read_topics(self._stack.kafka, [t.name for t in DEAD_LETTER_TOPICS]))


async def _ends(bootstrap: str, topics: Sequence[str]) -> dict[TopicPartition, int]:
    from aiokafka import AIOKafkaConsumer

    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        ...
    finally:
        await consumer.stop()
    return {}
