"""The relay: one leased process of a service publishes the outbox, in order.

It has no cursor: it reads what is unsent in order, publishes, then deletes. A sequence is drawn
under its key's lock, so within a key the order of positions is the order of commits.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiokafka.errors import KafkaError

from services.chassis.ids import new_id
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.producer import Packed, Publisher
from services.chassis.postgres.database import (
    PASSING_FAULTS,
    Database,
    execute,
    fetch_one,
    fetch_tuples,
    sql,
)
from services.chassis.postgres.signals import Signals, wait_for
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

BATCH = 1_000
LEASE_SECONDS = 5.0
POLL_SECONDS = 0.5

_TAKE_LEASE = sql("""
    INSERT INTO relay_lease AS l (name, holder, epoch, expires_at)
    VALUES ('outbox', %(holder)s, 1, clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder,
        epoch = l.epoch + (l.holder <> excluded.holder)::int,
        expires_at = excluded.expires_at
    WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
    RETURNING epoch
""")
_GIVE_LEASE_BACK = sql("""
    UPDATE relay_lease SET expires_at = clock_timestamp() - interval '1 second'
    WHERE name = 'outbox' AND holder = %(holder)s
""")
# The positions travel in binary (%b): as text psycopg's arrays of a thousand cost the relay 15 % of
# its time (docs/decisions/0014-measured-optimizations.md).
_UNSENT = sql("""
    SELECT position, topic, key, sequence, headers, value FROM outbox
    WHERE position <> ALL(%(known)b::bigint[]) ORDER BY position LIMIT %(limit)s
""")
_MARK = sql("""
    WITH gone AS (
        DELETE FROM outbox
        WHERE position = ANY(%(positions)b::bigint[]) AND EXISTS (
            SELECT FROM relay_lease
            WHERE name = 'outbox' AND holder = %(holder)s AND epoch = %(epoch)s
        )
        RETURNING 1
    )
    SELECT count(*) AS marked FROM gone
""")
_DEPTH = sql("""
    SELECT count(*) AS depth,
        coalesce(extract(epoch FROM clock_timestamp() - min(staged_at)), 0)::float AS age
    FROM outbox
""")


@dataclass(frozen=True, slots=True)
class _Batch:
    positions: Sequence[int]
    packed: Packed

    @property
    def full(self) -> bool:
        return len(self.positions) == BATCH


_NOTHING = _Batch((), {})


class LeaseLost(Exception):
    """Another process publishes now; what was sent meanwhile it sends again."""


class Relay:
    """Publishes the outbox in order, as the only one of its service at a time."""

    def __init__(
        self, database: Database, bootstrap_servers: str, signals: Signals, holder: str
    ) -> None:
        self._database = database
        self._publisher = Publisher(bootstrap_servers)
        self._signals = signals
        self._holder = f"{holder}-{new_id()}"
        self._epoch = 0
        self._held_until = 0.0
        self._stopping = False
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def leading(self) -> bool:
        """Whether this process publishes; if so a commit here need not signal other processes."""
        return time.monotonic() < self._held_until

    def wake(self) -> None:
        """Publish soon: a transaction that staged messages has committed."""
        self._signals.wake(CHANNEL, everywhere=not self.leading)

    async def run(self) -> None:
        """Publish until stopped; whatever fails passes, and is tried again in order."""
        self._ended.clear()
        try:
            with self._signals.listening(CHANNEL) as woken:
                await self._publish_on(woken)
        finally:
            self._ended.set()

    async def _publish_on(self, woken: asyncio.Event) -> None:
        pause = 0.1
        while not self._stopping:
            try:
                if not await self.take_lease():
                    await wait_for(woken, LEASE_SECONDS / 5)
                    continue
                await self.drain()
                await wait_for(woken, POLL_SECONDS)
                pause = 0.1
            except (KafkaError, LeaseLost, *PASSING_FAULTS) as fault:
                log.warning("relay_interrupted", fault=repr(fault))
                await self._publisher.drop()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)

    async def stop(self) -> None:
        """Send what is there, give the lease back, close the producer."""
        self._stopping = True
        self._signals.wake(CHANNEL, everywhere=False)
        try:
            async with asyncio.timeout(5):
                await self._ended.wait()  # two drains side by side would reorder
            if self.leading:
                async with asyncio.timeout(5):
                    await self.drain()
                async with self._database.connection() as connection:
                    await execute(connection, _GIVE_LEASE_BACK, holder=self._holder)
        except (KafkaError, LeaseLost, TimeoutError, *PASSING_FAULTS) as fault:
            log.warning("relay_stopped_early", fault=repr(fault))
        self._held_until = 0.0
        await self._publisher.drop()

    async def drain(self) -> int:
        """Publish what is unsent, in order, and mark it; return how many messages.

        While a batch is sent, the next one is read and packed, and the one before is marked.
        """
        epoch = self._epoch
        before, batch, total = _NOTHING, await self._next(()), 0
        while batch.positions:
            reach("relay.read")
            # Read under another epoch: somebody may have sent it, and later ones, meanwhile.
            if not await self.take_lease() or self._epoch != epoch:
                raise LeaseLost
            try:
                async with (
                    asyncio.timeout(self._held_until - time.monotonic()),
                    asyncio.TaskGroup() as group,
                ):
                    group.create_task(self._mark(before.positions))
                    group.create_task(self._publisher.send(batch.packed))
                    known = (*before.positions, *batch.positions)
                    following = group.create_task(self._next(known if batch.full else None))
            except TimeoutError as late:
                raise LeaseLost from late
            except BaseExceptionGroup as faults:
                raise faults.exceptions[0] from faults
            reach("relay.acknowledged")
            total += len(batch.positions)
            before, batch = batch, following.result()
        await self._mark(before.positions)
        telemetry.RELAYED.inc(total)
        return total

    async def depth(self) -> tuple[int, float]:
        """Return how many messages wait, and how long the oldest has, in seconds."""
        async with self._database.connection() as connection:
            row = await fetch_one(connection, _DEPTH)
        assert row is not None
        return row["depth"], row["age"]

    async def _next(self, known: Sequence[int] | None) -> "_Batch":
        """Read and pack the oldest messages but those that are known; None asks for no more."""
        if known is None:
            return _NOTHING
        async with self._database.connection() as connection:
            rows = await fetch_tuples(connection, _UNSENT, known=list(known), limit=BATCH)
        packed = await self._publisher.pack(row[1:] for row in rows) if rows else {}
        return _Batch([row[0] for row in rows], packed)

    async def _mark(self, positions: Sequence[int]) -> None:
        """Delete what was sent, if the lease is still this process's."""
        if not positions:
            return
        values = {"holder": self._holder, "epoch": self._epoch}
        async with self._database.transaction() as connection:
            row = await fetch_one(connection, _MARK, positions=list(positions), **values)
            reach("relay.marking")
        if row is None or row["marked"] == 0:
            self._held_until = 0.0
            raise LeaseLost

    async def take_lease(self) -> bool:
        """Become or stay the one who publishes; False while another process is."""
        asked_at = time.monotonic()
        if asked_at < self._held_until - LEASE_SECONDS / 2:
            return True
        async with self._database.connection() as connection:
            row = await fetch_one(
                connection, _TAKE_LEASE, holder=self._holder, seconds=LEASE_SECONDS
            )
        if row is None:
            self._held_until = 0.0
            return False
        self._epoch, self._held_until = row["epoch"], asked_at + LEASE_SECONDS
        return True
