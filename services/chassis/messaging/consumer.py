"""Consumers with exactly-once effect: batches of raw records, one transaction, then the offsets."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.events.store import VersionConflict
from services.chassis.messaging.batches import BatchProcessor
from services.chassis.messaging.faststream_consumer import GroupMember
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

Handler = Callable[[Connection, Any, Envelope], Awaitable[None]]
# What to do when a key of a compacted topic is erased.
TombstoneHandler = Callable[[Connection, str], Awaitable[None]]
# What follows a committed batch: its topic, and the subjects of its records.
OnCommit = Callable[[str, frozenset[str]], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic with what this service does about its events; other types are skipped."""

    topic: str
    handlers: Mapping[type[ContractEvent], Handler] = field(default_factory=dict)
    on_tombstone: TombstoneHandler | None = None


class Consumers:
    """The subscriptions of one service: one member of its consumer group."""

    def __init__(
        self,
        *,
        bootstrap_servers: str,
        group: str,
        instance: str,
        database: Database,
        subscriptions: Sequence[Subscription],
        on_commit: OnCommit,
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._group = group
        self._client_id = f"bookwith-{group}-{instance}"
        self._on_commit = on_commit
        self.topics = [subscription.topic for subscription in subscriptions]
        self._processors = {
            subscription.topic: BatchProcessor(
                database,
                group,
                {cls.TYPE: (cls, handler) for cls, handler in subscription.handlers.items()},
                subscription.on_tombstone,
            )
            for subscription in subscriptions
        }
        self._member: GroupMember | None = None
        self._batch: Sequence[ConsumerRecord] = ()
        self._applied_at: dict[str, float] = {}
        self._stopping = False

    @property
    def joined(self) -> bool:
        """Whether this process belongs to the group."""
        return self._member is not None and self._member.joined

    async def run(self) -> None:
        """Consume until stopped; while Kafka is away or refuses, begin again."""
        while not self._stopping:
            member = self._member = self._new_member()
            try:
                await member.start()
                await member.refused.wait()
            except (KafkaError, OSError) as fault:
                log.warning("kafka_unreachable", fault=repr(fault))
            await self._leave()
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """Let the current batch finish, then leave the group."""
        self._stopping = True
        await self._leave()

    async def lag(self) -> dict[str, tuple[int, float]]:
        """Return, for each topic, how many records are not yet applied here, and for how long.

        The seconds are the age of the current batch's oldest record, else of the newest applied.
        """
        behind = dict.fromkeys(self.topics, 0)
        if self._member is not None:
            behind |= await self._member.unread()
        now = time.time()
        for record in self._batch:
            behind[record.topic] += 1
        since = {**self._applied_at}
        for record in reversed(self._batch):
            since[record.topic] = record.timestamp / 1000
        return {
            topic: (count, max(0.0, now - since.get(topic, now)) if count else 0.0)
            for topic, count in behind.items()
        }

    def _new_member(self) -> GroupMember:
        return GroupMember(
            bootstrap_servers=self._bootstrap_servers,
            group=self._group,
            client_id=self._client_id,
            topics=self.topics,
            on_batch=self._on_batch,
        )

    async def _leave(self) -> None:
        member, self._member = self._member, None
        if member is not None:
            try:
                await member.stop()
            except (KafkaError, OSError) as fault:
                log.warning("consumer_left_early", fault=repr(fault))

    async def _on_batch(self, member: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        self._batch = records
        reach("consumer.polled")
        for topic, of_topic in groupby(records, key=lambda record: record.topic):
            started = time.perf_counter()
            if not await self._apply(topic, list(of_topic)):
                return  # stopping: the records are read again, and applied then
            telemetry.HANDLER_SECONDS.labels(topic).observe(time.perf_counter() - started)
        self._batch = ()
        reach("consumer.committed")
        try:
            await member.commit(records)
        except KafkaError as fault:
            # The effects stand; read again, the records are found applied.
            log.warning("offsets_not_committed", fault=repr(fault))

    async def _apply(self, topic: str, batch: list[ConsumerRecord]) -> bool:
        """Apply the records, waiting out what passes: a database that is down, a lost race.

        False when it was stopped before they could be applied.
        """
        pause = 0.05
        while not self._stopping:
            try:
                subjects = await self._processors[topic].process(batch)
            except VersionConflict:
                await asyncio.sleep(0)  # another process appended: load and decide again
            except PASSING_FAULTS as fault:
                log.warning("consumer_waits", topic=topic, fault=repr(fault))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            else:
                self._on_commit(topic, subjects)
                self._applied_at[topic] = batch[-1].timestamp / 1000
                return True
        return False


async def reachable(bootstrap_servers: str) -> None:
    """Raise OSError unless one of the brokers takes a connection within a second."""
    fault: OSError = ConnectionError("no broker is named")
    for server in bootstrap_servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError) as refused:
            fault = ConnectionError(f"{server} does not answer ({type(refused).__name__})")
        else:
            writer.close()
            return
    raise fault
