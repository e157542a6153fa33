"""Consumers with exactly-once effect: batches of raw records, one transaction, then the offsets."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from services.chassis.messaging.batches import BatchProcessor, Committed
from services.chassis.messaging.faststream_consumer import GroupMember
from services.chassis.messaging.offsets import Offsets
from services.chassis.messaging.progress import Lag, Progress
from services.chassis.messaging.subscriptions import Subscription
from services.chassis.postgres.database import PASSING_FAULTS, Database
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime import telemetry
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

# Between leaving the group and joining it again; each pause is up to twice the last one, until
# records are applied again.
REJOIN_PAUSE_SECONDS = 1.0
LONGEST_REJOIN_PAUSE_SECONDS = 8.0
# Between two looks at what waits.
LOOK_SECONDS = 1.0
# Between two tries to apply a batch while the database is away; each pause is twice the last one.
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0

# What follows a committed batch.
OnCommit = Callable[[Committed], None]


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
        logged_share: float = 1.0,
        fetch_seconds: float = 0.0,
    ) -> None:
        self._fetch_seconds = fetch_seconds
        self._logged_share, self._owed_lines = logged_share, 0.0
        self._bootstrap_servers = bootstrap_servers
        self._group = group
        self._client_id = f"bookwith-{group}-{instance}"
        self._on_commit = on_commit
        self.topics = [subscription.topic for subscription in subscriptions]
        self._subscriptions = {each.topic: each for each in subscriptions}
        self._processors = {
            subscription.topic: BatchProcessor(database, group, subscription)
            for subscription in subscriptions
        }
        self._member: GroupMember | None = None
        self._offsets: dict[GroupMember, Offsets] = {}
        self._batch: Sequence[ConsumerRecord] = ()
        # For each topic, when the newest applied record was written, in seconds since 1970.
        self._newest_applied: dict[str, float] = {}
        self._progress = Progress(self.topics)
        self._rejoin_pause = REJOIN_PAUSE_SECONDS
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def joined(self) -> bool:
        """Whether this process belongs to the group."""
        return self._member is not None and self._member.joined

    async def run(self) -> None:
        """Consume until stopped; while Kafka is away or refuses, begin again."""
        self._ended.clear()
        looking = asyncio.create_task(self._look())
        try:
            while not self._stopping.is_set():
                await self._be_member()
                await self._pause(self._rejoin_pause * random.uniform(0.5, 1))  # noqa: S311
                self._rejoin_pause = min(self._rejoin_pause * 2, LONGEST_REJOIN_PAUSE_SECONDS)
        finally:
            looking.cancel()
            self._ended.set()

    async def stop(self) -> None:
        """Let the current batch finish, leave the group, and wait for `run` to end."""
        self._stopping.set()
        await self._ended.wait()

    async def lag(self) -> dict[str, Lag]:
        """Return the lag of each topic.

        The seconds are the age of the current batch's oldest record, else of the newest applied;
        while the group is not joined nobody knows what waits: then, since it was last known.
        """
        if not self.joined:
            return {topic: Lag(0, self._progress.still_seconds(topic)) for topic in self.topics}
        now = time.time()
        since = {**self._newest_applied}
        for record in reversed(self._batch):
            since[record.topic] = record.timestamp / 1000
        found = {}
        for topic, count in (await self._waiting()).items():
            age = max(now - since.get(topic, now), self._progress.still_seconds(topic))
            found[topic] = Lag(count, age if count else 0.0)
        return found

    async def check(self) -> None:
        """Raise ConnectionError with the reason when the group is not joined or does not go on."""
        if not self.joined:
            raise ConnectionError(self._progress.why_not_joined())
        if overdue := self._progress.overdue(await self._waiting()):
            raise ConnectionError(overdue)

    async def _waiting(self) -> dict[str, int]:
        """Return how many records of each topic are not applied, as far as it is known."""
        waiting = dict.fromkeys(self.topics, 0)
        if self._member is not None:
            waiting |= await self._member.unread()
        for record in self._batch:
            waiting[record.topic] += 1
        return waiting

    async def _look(self) -> None:
        while True:
            if self.joined:
                self._progress.looked(await self._waiting())
            await asyncio.sleep(LOOK_SECONDS)

    def _new_member(self) -> GroupMember:
        return GroupMember(
            bootstrap_servers=self._bootstrap_servers,
            group=self._group,
            client_id=self._client_id,
            topics=self.topics,
            on_batch=self._on_batch,
            concerns=self._concerns,
            before_revoke=self._commit_offsets,
            fetch_seconds=self._fetch_seconds,
        )

    async def _commit_offsets(self, member: GroupMember) -> None:
        await self._offsets[member].commit()

    def _concerns(self, record: ConsumerRecord) -> bool:
        return self._subscriptions[record.topic].concerns(record.headers)

    async def _be_member(self) -> None:
        """Belong to the group until stopped, or until Kafka is away or refuses.

        A stop that comes while the member joins waits for that: cut off, it would leak sockets.
        """
        member = self._member = self._new_member()
        offsets = self._offsets[member] = Offsets(member)
        committing = asyncio.create_task(offsets.run())
        fault: BaseException | None = None
        try:
            await member.start()
            await _first_of(member.refused, self._stopping)
            fault = member.fault
        except (KafkaError, OSError) as away:
            fault = away
            log.warning("kafka_unreachable", fault=repr(away))
        except Exception as unforeseen:
            fault = unforeseen
            log.exception("consumer_failed")
        finally:
            committing.cancel()
            await asyncio.wait([committing])
            await offsets.commit()
            self._member = None
            await _leave(member)
            del self._offsets[member]
        if fault is not None:
            self._progress.met(fault)
            telemetry.REJOINS.labels(type(fault).__name__).inc()

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until stopped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

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
        offsets = self._offsets[member]
        offsets.applied(records)
        if self._stopping.is_set():  # the member leaves behind this batch
            await offsets.commit()

    async def _apply(self, topic: str, batch: list[ConsumerRecord]) -> bool:
        """Apply the records, waiting out what passes: a database that is away, lost races.

        False when it was stopped before they could be applied.
        """
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                committed = await self._processors[topic].process(batch)
            except (VersionConflict, *PASSING_FAULTS) as fault:
                first_offsets = {record.partition: record.offset for record in reversed(batch)}
                self._progress.waits_for(fault)
                log.warning(
                    "consumer_waits", topic=topic, first_offsets=first_offsets, fault=repr(fault)
                )
                await self._pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self._log_applied(topic, batch)
                self._on_commit(committed)
                self._newest_applied[topic] = batch[-1].timestamp / 1000
                self._progress.applied(topic)
                self._rejoin_pause = REJOIN_PAUSE_SECONDS
                return True
        return False

    def _log_applied(self, topic: str, batch: Sequence[ConsumerRecord]) -> None:
        """Log evenly: of a share of 0.1 each tenth batch."""
        self._owed_lines += self._logged_share
        if self._owed_lines >= 1:
            self._owed_lines -= 1
            log.info("batch_applied", topic=topic, records=len(batch))


async def _first_of(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def _leave(member: GroupMember) -> None:
    try:
        await member.stop()
    except Exception as fault:
        log.warning("consumer_left_early", fault=repr(fault))
