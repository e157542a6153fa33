"""Wake-ups across tasks and processes: an event in this process, a debounced NOTIFY for the others.

A signal carries nothing and may be lost; whoever waits also polls, the tables are the truth.
"""

import asyncio
from collections import defaultdict

import structlog
from psycopg import OperationalError, sql

from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database

log = structlog.get_logger(__name__)

DEBOUNCE_SECONDS = 0.002


class Signals:
    """Named wake-ups; `wake` never blocks and never fails."""

    def __init__(self, database: Database, channels: tuple[str, ...]) -> None:
        self._database = database
        self._channels = channels
        self._waiters: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._pending: set[str] = set()
        self._work = asyncio.Event()

    def wake(self, channel: str, *, everywhere: bool = True) -> None:
        """Wake those who wait here, and a moment later those in other processes."""
        for event in self._waiters[channel]:
            event.set()
        if everywhere:
            self._pending.add(channel)
            self._work.set()

    def listening(self, channel: str) -> "Listening":
        """Register before looking at the tables, so that no wake-up falls between."""
        return Listening(self._waiters[channel])

    async def run(self) -> None:
        """Carry signals between processes until cancelled; reconnect when the line is cut."""
        while True:
            try:
                async with await self._database.listen() as connection:
                    for channel in self._channels:
                        await connection.execute(
                            sql.SQL("LISTEN {}").format(sql.Identifier(channel))
                        )
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._receive(connection))
                        group.create_task(self._send())
            except* PASSING_FAULTS as faults:
                log.warning("signals_interrupted", fault=str(faults.exceptions[0]))
                await asyncio.sleep(0.5)

    async def _receive(self, connection: Connection) -> None:
        async for notice in connection.notifies():
            for event in self._waiters[notice.channel]:
                event.set()
        raise OperationalError("the line was cut")

    async def _send(self) -> None:
        while True:
            await self._work.wait()
            await asyncio.sleep(DEBOUNCE_SECONDS)
            self._work.clear()
            channels, self._pending = self._pending, set()
            async with self._database.connection() as connection:
                for channel in channels:
                    await connection.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(channel)))


class Listening:
    """A registration for wake-ups; inside the block its event is set by each."""

    def __init__(self, waiters: set[asyncio.Event]) -> None:
        self._waiters = waiters
        self._event = asyncio.Event()

    def __enter__(self) -> asyncio.Event:
        self._waiters.add(self._event)
        return self._event

    def __exit__(self, *_: object) -> None:
        self._waiters.discard(self._event)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event at most so long, and clear it."""
    # Not asyncio.wait_for: on Python 3.11 it loses a cancel that comes together with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
    event.clear()
