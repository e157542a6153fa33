"""Wake-ups across tasks and processes: an event in this process, a debounced NOTIFY for the others.

A signal may be lost: each wait also polls, for the tables are the truth.
"""

import asyncio
import json
from collections.abc import Collection, Iterable

import structlog
from psycopg import OperationalError, sql

from services.chassis.ids import new_id
from services.chassis.postgres import presence
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database

log = structlog.get_logger(__name__)

DEBOUNCE_SECONDS = 0.002
LONGEST_PAYLOAD = 7_999  # bytes that a NOTIFY carries at most
KEYS_A_PAYLOAD = 100
MOST_KEYS = 1_000  # a signal for more than these wakes the whole channel

_NOTIFY = "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload"

# The keys of a signal; None is everybody on the channel.
Keys = frozenset[str] | None


class Signals:
    """Named wake-ups; `wake` never blocks and never fails."""

    def __init__(self, database: Database, channels: tuple[str, ...]) -> None:
        self._database = database
        self._channels = channels
        self._waiters = {channel: _Waiters() for channel in channels}
        self._pending: dict[str, Keys] = {}
        self._work = asyncio.Event()
        # Among the keys of what this process sends: it comes back, and who waits here is woken.
        self._sender = f"@{new_id()}"

    def wake(
        self, channel: str, keys: Collection[str] | None = None, *, everywhere: bool = True
    ) -> None:
        """Wake who waits for one of the keys, by default everybody on the channel.

        Those who wait here are woken at once, those in other processes a moment later.
        """
        if keys is not None and not keys:
            return
        wanted = None if keys is None else frozenset(keys)
        self._waiters[channel].wake(wanted)
        if everywhere:
            self._pending[channel] = _both(self._pending.get(channel, frozenset()), wanted)
            self._work.set()

    def listening(self, channel: str, key: str | None = None) -> "Listening":
        """Register before looking at the tables, so that no wake-up falls between.

        With a key only its wake-ups, and those of the whole channel, are heard.
        """
        return Listening(self._waiters[channel], key)

    async def run(self) -> None:
        """Carry signals between processes until cancelled; reconnect when the connection breaks."""
        while True:
            try:
                async with await self._database.listen() as connection:
                    await presence.hold(connection)
                    for channel in self._channels:
                        await connection.execute(
                            sql.SQL("LISTEN {}").format(sql.Identifier(channel))
                        )
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._receive(connection))
                        group.create_task(self._send())
            except* (OperationalError, *PASSING_FAULTS) as faults:  # its own connection too
                log.warning("signals_interrupted", fault=str(faults.exceptions[0]))
                await asyncio.sleep(0.5)

    async def _receive(self, connection: Connection) -> None:
        async for notice in connection.notifies():
            keys = read_payload(notice.payload)
            if keys is None or self._sender not in keys:
                self._waiters[notice.channel].wake(keys)
        raise OperationalError("the connection for LISTEN broke")

    async def _send(self) -> None:
        while True:
            await self._work.wait()
            await asyncio.sleep(DEBOUNCE_SECONDS)
            self._work.clear()
            pending, self._pending = self._pending, {}
            async with self._database.connection() as connection:
                for channel, keys in pending.items():
                    await connection.execute(_NOTIFY, (channel, payloads(keys, self._sender)))


class _Waiters:
    """Who waits on one channel: by key, and under None who waits for every key."""

    def __init__(self) -> None:
        self._events: dict[str | None, set[asyncio.Event]] = {}

    def add(self, key: str | None, event: asyncio.Event) -> None:
        self._events.setdefault(key, set()).add(event)

    def discard(self, key: str | None, event: asyncio.Event) -> None:
        events = self._events[key]
        events.discard(event)
        if not events:
            del self._events[key]

    def wake(self, keys: Keys) -> None:
        woken: Iterable[str | None] = self._events if keys is None else (None, *keys)
        for key in woken:
            for event in self._events.get(key, ()):
                event.set()


class Listening:
    """A registration for wake-ups; inside the block its event is set by each."""

    def __init__(self, waiters: _Waiters, key: str | None) -> None:
        self._waiters = waiters
        self._key = key
        self._event = asyncio.Event()

    def __enter__(self) -> asyncio.Event:
        self._waiters.add(self._key, self._event)
        return self._event

    def __exit__(self, *_: object) -> None:
        self._waiters.discard(self._key, self._event)


def payloads(keys: Keys, sender: str) -> list[str]:
    """Return the keys as payloads of NOTIFY, each with the sender as one more key.

    An empty payload is for everybody.
    """
    if keys is None:
        return [""]
    ordered = sorted(keys)
    parts = [ordered[n : n + KEYS_A_PAYLOAD] for n in range(0, len(ordered), KEYS_A_PAYLOAD)]
    written = [json.dumps([sender, *part]) for part in parts]
    return written if max(map(len, written)) <= LONGEST_PAYLOAD else [""]


def read_payload(payload: str) -> Keys:
    """Return the keys that a payload names; one that names none is for everybody."""
    return frozenset(json.loads(payload)) if payload else None


def _both(one: Keys, other: Keys) -> Keys:
    if one is None or other is None or len(one) + len(other) > MOST_KEYS:
        return None
    return one | other


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event at most so long, and clear it."""
    # Not asyncio.wait_for: on Python 3.11 it loses a cancel that comes together with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
    event.clear()
