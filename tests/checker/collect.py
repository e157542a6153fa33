"""Reading the evidence from a stack: databases, topics, inbox, supervisor, each as outsiders do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from contracts.topics import DEAD_LETTER_TOPICS, TOPICS
from deploy.local.stack import LocalStack
from services.chassis.text.mail_address import wire_form
from tests.checker.evidence import (
    Booked,
    Claim,
    Delivery,
    Evidence,
    Fault,
    IdleState,
    Letter,
    Poison,
    SentCommand,
    Stored,
)
from tests.checker.idle import SERVICES
from tests.e2e.inbox import Inbox
from tests.e2e.topics import read_topics

STORES = ("booking", "policy")

_EVENTS = """
    SELECT id::text, stream, version, partition_key AS key, sequence, type, time, data FROM events
"""
_LAST_SEQUENCES = "SELECT topic, key, last FROM sequences"
_BOOKED = """
    SELECT id::text AS booking_id, status, starts_at AS start, ends_at AS "end" FROM bookings
"""
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


class Collector:
    """Reads one stack again and again; the mails, which never change, only once."""

    def __init__(self, stack: LocalStack, services: Sequence[str] = SERVICES) -> None:
        self._stack = stack
        self._services = services
        self._http = httpx.AsyncClient(base_url=stack.inbox_url, timeout=10, trust_env=False)
        self._inbox = Inbox(self._http)
        self._letters: list[Letter] = []

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def evidence(
        self,
        asked: Iterable[SentCommand],
        idle: tuple[IdleState, ...],
        faults: Iterable[Fault],
        poisons: Iterable[Poison] = (),
    ) -> Evidence:
        """Read everything."""
        emails = await self._rows("booking", _EMAILS)
        return Evidence(
            asked=tuple(asked),
            stored=await self._stored(),
            records=tuple(await read_topics(self._stack.kafka, [t.name for t in TOPICS])),
            last_sequences=await self._last_sequences(),
            booked=tuple(Booked(**row) for row in await self._rows("booking", _BOOKED)),
            booking_claims=await self._claims("booking", _BOOKING_CLAIMS),
            availability_claims=await self._claims("availability", _AVAILABILITY_CLAIMS),
            emails={row["booking_id"]: wire_form(row["email"]) for row in emails},
            deliveries=tuple(Delivery(**row) for row in await self._rows("notifier", _DELIVERIES)),
            letters=await self._read_letters(),
            dead_letters=tuple(
                await read_topics(self._stack.kafka, [t.name for t in DEAD_LETTER_TOPICS])
            ),
            poisons=tuple(poisons),
            idle=idle,
            restarts=self.restarts(),
            faults=tuple(faults),
        )

    def restarts(self) -> dict[str, int]:
        """Return how often each part was started again, its instances together."""
        counted: Counter[str] = Counter()
        for part in self._stack.state.parts:
            counted[part.name.partition("-")[0]] += part.restarts
        return dict(counted)

    async def _stored(self) -> tuple[Stored, ...]:
        found = {service: await self._rows(service, _EVENTS) for service in STORES}
        return tuple(Stored(service, **row) for service, rows in found.items() for row in rows)

    async def _last_sequences(self) -> dict[tuple[str, str], int]:
        return {
            (row["topic"], row["key"]): row["last"]
            for service in self._services
            for row in await self._rows(service, _LAST_SEQUENCES)
        }

    async def _claims(self, service: str, question: str) -> tuple[Claim, ...]:
        return tuple(Claim(**row) for row in await self._rows(service, question))

    async def _read_letters(self) -> tuple[Letter, ...]:
        if "notifier" not in self._services:
            return ()
        for mail in (await self._inbox.read())[len(self._letters) :]:
            calendar = mail.calendar
            entry = calendar.events[0]
            self._letters.append(
                Letter(
                    mail.message_id,
                    mail.to,
                    str(calendar["METHOD"]),
                    str(entry["UID"]),
                    int(str(entry["SEQUENCE"])),
                )
            )
        return tuple(self._letters)

    async def _rows(self, service: str, question: str) -> list[dict[str, Any]]:
        if service not in self._services:
            return []
        url = self._stack.database_url(service)
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
            return await (await connection.execute(question.encode())).fetchall()
