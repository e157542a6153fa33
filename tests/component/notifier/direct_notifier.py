"""The notifier without Kafka: a test applies events directly and starts the workers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import Signals
from services.chassis.runtime.cause import Cause, caused_by
from services.notifier.consumers import SUBSCRIPTIONS
from services.notifier.deliveries import MAIL
from services.notifier.mail import Backoff, MailServer, SmtpConnection
from services.notifier.mail_context import MailContext
from services.notifier.rendering.look import PLAIN
from services.notifier.settings import address_of
from services.notifier.worker import Worker
from tests.component.running import KEYS, PUBLIC_URL
from tests.smtp_server import ScriptedServer

HANDLERS = {handler.event: handler for each in SUBSCRIPTIONS for handler in each.handlers}


def envelope_of(event: ContractEvent) -> Envelope:
    return Envelope(
        id=str(new_id()),
        type=event.TYPE,
        source=event.SOURCE,
        subject=event.subject,
        time=datetime.now(UTC),
        partition_key=event.key,
    )


@dataclass(slots=True)
class DirectNotifier:
    database: Database
    server: ScriptedServer
    timeout: float = 5.0
    backoff: Backoff = field(default_factory=Backoff)
    signals: Signals | None = None

    async def apply(self, *events: ContractEvent, correlation_id: str | None = None) -> None:
        """Apply events as the consumer does; all with one correlation id."""
        cause = Cause(correlation_id or str(new_id()), str(new_id()), "service:booking")
        for event in events:
            async with self.database.transaction() as connection, connection.pipeline():
                with caused_by(cause):
                    body = event.model_dump_json().encode()
                    await HANDLERS[type(event)].handle(connection, body, envelope_of(event))
        if self.signals:
            self.signals.wake(MAIL, everywhere=False)

    def context(self, **changes: Any) -> MailContext:
        return MailContext(
            database=self.database,
            keys=KeyRing.parse(KEYS),
            public_url=PUBLIC_URL,
            sender=address_of("Bookwith <bookings@bookwith.example>"),
            brand=PLAIN,
            timeout=changes.get("timeout", self.timeout),
            notify_relay=lambda: None,
        )

    def smtp(self) -> SmtpConnection:
        server = MailServer.parse(self.server.url)
        return SmtpConnection(
            server,
            local_hostname="bookwith.example",
            timeout=self.timeout,
            backoff=self.backoff,
        )

    @asynccontextmanager
    async def worker(self, senders: int = 4) -> AsyncIterator[None]:
        """Let one worker send while the block runs."""
        self.signals = signals = Signals(self.database, (MAIL,))
        worker = Worker(self.context(), signals, self.smtp, senders=senders)
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        async with self.database.connection() as connection:
            cursor = await connection.execute(query, values)
            return await cursor.fetchall()

    async def states(self, booking_id: Any) -> dict[tuple[str, int], str]:
        """Return the state of each letter about the booking, by recipient and version."""
        rows = await self.rows(
            "SELECT recipient, ics_sequence, state FROM deliveries WHERE booking_id = %s",
            booking_id,
        )
        return {(row["recipient"], row["ics_sequence"]): row["state"] for row in rows}

    async def staged(self, organizer_id: Any) -> list[tuple[str, dict[str, Any]]]:
        """Return what waits to be published about the organizer's mails: event and body."""
        rows = await self.rows(
            "SELECT headers, convert_from(value, 'UTF8')::json AS body FROM outbox "
            "WHERE key = %s ORDER BY position",
            str(organizer_id),
        )
        return [(_event_of(row["headers"]), row["body"]) for row in rows]


def _event_of(headers: str) -> str:
    return headers.partition("io.bookwith.notifier.")[2].partition(".v1")[0]
