"""The relay: one leased process of a service publishes the outbox, in order.

It has no cursor: it reads what is unsent in order, publishes, then deletes. A sequence is drawn
under its key's lock, so within a key the order of positions is the order of commits.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from aiokafka.errors import KafkaError

from services.chassis.ids import new_id
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.producer import Packed, Publisher, Sent
from services.chassis.messaging.relay_statements import (
    DEPTH,
    GIVE_LEASE_BACK,
    MARK,
    PUT_ASIDE,
    TAKE_LEASE,
    UNSENT,
)
from services.chassis.postgres.database import (
    PASSING_FAULTS,
    Database,
    execute,
    fetch_one,
    fetch_tuples,
)
from services.chassis.postgres.signals import Signals, wait_for
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

BATCH = 1_000
LEASE_SECONDS = 5.0
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Batch:
    positions: Sequence[int]
    packed: Packed
    full: bool


_NOTHING = _Batch((), Packed(), full=False)


@asynccontextmanager
async def _as_one() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that belong together; the first one's error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from faults


class Depth(NamedTuple):
    """How many messages wait, for how long the oldest has, and how many are put aside."""

    waiting: int
    seconds: float
    refused: int


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
                    await execute(connection, GIVE_LEASE_BACK, holder=self._holder)
        except (KafkaError, LeaseLost, TimeoutError, *PASSING_FAULTS) as fault:
            log.warning("relay_stopped_early", fault=repr(fault))
        self._held_until = 0.0
        await self._publisher.drop()

    async def drain(self) -> int:
        """Publish what is unsent, in order, and mark it; return how many messages.

        While a batch is sent the one before is marked, and behind a full one the next is read and
        packed. What came during a smaller one is read as soon as that is acknowledged: it does not
        wait for the mark.
        """
        epoch = self._epoch
        unmarked: Sequence[int] = ()
        batch, total = await self._next(()), 0
        while batch.positions:
            reach("relay.read")
            # Read under another epoch: somebody may have sent it, and later ones, meanwhile.
            if not await self.take_lease() or self._epoch != epoch:
                raise LeaseLost
            sent, following = await self._send(batch, unmarked)
            reach("relay.acknowledged")
            total += len(sent.acknowledged)
            telemetry.RELAYED.inc(len(sent.acknowledged))
            unmarked, batch = sent.acknowledged, following
            if not sent.complete:
                # What was acknowledged is not sent again because of its neighbours.
                await self._mark(unmarked)
                await self._put_aside(sent.refused)
                await self._publisher.drop()
                if sent.fault is not None:
                    raise sent.fault
                unmarked, batch = (), await self._next(())
            elif not batch.positions:
                batch = await self._next(unmarked)
                if not batch.positions:
                    await self._mark(unmarked)
        return total

    async def _send(self, batch: _Batch, unmarked: Sequence[int]) -> tuple[Sent, _Batch]:
        """Send a batch; meanwhile mark the one before and read the one behind."""
        left = self._held_until - time.monotonic()
        try:
            async with asyncio.timeout(left), _as_one() as group:
                group.create_task(self._mark(unmarked))
                sending = group.create_task(self._publisher.send(batch.packed, left * 0.9))
                known = (*unmarked, *batch.positions)
                following = group.create_task(self._next(known if batch.full else None))
        except TimeoutError as late:
            raise LeaseLost from late
        return sending.result(), following.result()

    async def depth(self) -> Depth:
        """Return how much waits."""
        async with self._database.connection() as connection:
            row = await fetch_one(connection, DEPTH)
        assert row is not None
        return Depth(row["depth"], row["age"], row["refused"])

    async def check(self) -> None:
        """Raise ConnectionError that names what Kafka refuses: messages put aside, topics."""
        faults = [f"Kafka refuses {topic} ({why})" for topic, why in self._paused.items()]
        if refused := (await self.depth()).refused:
            faults.append(f"{refused} messages that Kafka refused are put aside")
        if faults:
            raise ConnectionError("; ".join(faults))

    @property
    def _paused(self) -> Mapping[str, str]:
        return self._publisher.paused()

    async def _next(self, known: Sequence[int] | None) -> "_Batch":
        """Read and pack the oldest messages but those that are known; None asks for no more."""
        if known is None:
            return _NOTHING
        async with self._database.connection() as connection:
            rows = await fetch_tuples(
                connection, UNSENT, known=list(known), paused=list(self._paused), limit=BATCH
            )
        if not rows:
            return _NOTHING
        packed = await self._publisher.pack(rows)
        return _Batch(packed.positions, packed, full=len(rows) == BATCH)

    async def _put_aside(self, refused: Mapping[int, str]) -> None:
        """Move what Kafka refuses for good out of the way, if the lease is still this process's."""
        for position, fault in refused.items():
            values = {"holder": self._holder, "epoch": self._epoch, "position": position}
            async with self._database.transaction() as connection:
                row = await fetch_one(connection, PUT_ASIDE, fault=fault, **values)
            if row is None:
                self._held_until = 0.0
                raise LeaseLost
            telemetry.REFUSED.labels(row["topic"]).inc()
            log.error("message_put_aside", topic=row["topic"], position=position, fault=fault)

    async def _mark(self, positions: Sequence[int]) -> None:
        """Delete what was sent, if the lease is still this process's."""
        if not positions:
            return
        values = {"holder": self._holder, "epoch": self._epoch}
        async with self._database.transaction() as connection:
            row = await fetch_one(connection, MARK, positions=list(positions), **values)
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
                connection, TAKE_LEASE, holder=self._holder, seconds=LEASE_SECONDS
            )
        if row is None:
            self._held_until = 0.0
            return False
        self._epoch, self._held_until = row["epoch"], asked_at + LEASE_SECONDS
        return True
