"""Batch processing: all records in one transaction, or one by one when one of them fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter
from pydantic import ValidationError

from services.chassis.events.retries import run_with_retries
from services.chassis.messaging import dead_letters
from services.chassis.messaging.inbox import Marks, lock_marks
from services.chassis.messaging.records import Readable, Unreadable, read
from services.chassis.messaging.subscriptions import EventHandler, Subscription
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database, enqueue
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

# How often a record that is refused is tried before it is parked.
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.05


class BatchProcessor:
    """Processes the records of one subscription for one consumer group."""

    def __init__(self, database: Database, group: str, subscription: Subscription) -> None:
        self._database = database
        self._group = group
        self._subscription = subscription
        self._handlers = subscription.by_type()

    async def process(self, records: Sequence[ConsumerRecord]) -> frozenset[str]:
        """Apply, skip or park every record; return the subjects of the records.

        The statements of a batch travel in a pipeline, so the record that fails is not known from
        the error: a bad batch is applied again, one record a transaction.

        Raises:
            VersionConflict: other transactions were faster, in every round.
            PASSING_FAULTS: the database is away.
        """
        batch = [read(record) for record in records]
        try:
            await self._apply(batch)
        except (VersionConflict, *PASSING_FAULTS):
            raise
        except Exception as fault:
            log.warning("batch_split", size=len(batch), fault=dead_letters.describe(fault))
            for record in batch:
                await self._apply_alone(record)
        return frozenset(
            record.envelope.subject for record in batch if isinstance(record, Readable)
        )

    async def _apply_alone(self, record: Readable | Unreadable) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._apply([record])
            except (VersionConflict, *PASSING_FAULTS):
                raise
            except Exception as error:
                # What breaks the contract will break it again; only what was refused may pass.
                if attempt == ATTEMPTS or isinstance(error, ValidationError):
                    log.exception("record_parked", topic=record.raw.topic, offset=record.raw.offset)
                    await self._park(record, error, attempt)
                    return
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            else:
                return

    async def _apply(self, records: Sequence[Readable | Unreadable]) -> None:
        """Apply the records in one transaction."""

        async def work(connection: Connection) -> list[Counter]:
            batch = await self._begin(connection, records)
            reach("consumer.marked")
            for record in records:
                await batch.apply(record)
            await batch.advance_marks()
            reach("consumer.applied")
            return batch.counted

        await self._commit(work)

    async def _park(self, record: Readable | Unreadable, error: Exception, attempts: int) -> None:
        """Park a record that cannot be applied, and move its key's mark past it."""

        async def work(connection: Connection) -> list[Counter]:
            batch = await self._begin(connection, [record])
            await batch.park(record, error, attempts)
            await batch.advance_marks()
            return batch.counted

        await self._commit(work)

    async def _begin(
        self, connection: Connection, records: Sequence[Readable | Unreadable]
    ) -> "Batch":
        readable = [record for record in records if isinstance(record, Readable)]
        marks, parked = await lock_marks(
            connection,
            self._subscription.topic,
            (record.key for record in readable),
            (record.envelope.subject for record in readable),
        )
        return Batch(connection, self._group, self._subscription, self._handlers, marks, parked)

    async def _commit(self, work: Callable[[Connection], Awaitable[list[Counter]]]) -> None:
        """Run the work in a transaction; what it returns is incremented once it is committed."""
        for counter in await run_with_retries(self._database, work):
            counter.inc()


@dataclass(slots=True)
class Batch:
    """Records within one transaction, with the marks of their keys."""

    connection: Connection
    group: str
    subscription: Subscription
    handlers: Mapping[str, EventHandler]
    marks: Marks
    # The subjects that have a parked record, with the id of its event.
    parked: Mapping[str, str]
    # Counters to increment once the transaction is committed.
    counted: list[Counter] = field(default_factory=list)

    async def apply(self, record: Readable | Unreadable) -> None:
        """Apply the record, or skip it, or park it when it cannot be read or must wait."""
        if isinstance(record, Unreadable):
            await self._park_unreadable(record)
        elif self._is_duplicate(record):
            self._count("duplicate")
        else:
            self._note_gap(record)
            self.marks.raise_to(record.key, record.sequence)
            earlier = self.parked.get(record.envelope.subject)
            if earlier is not None:
                why = dead_letters.Why(dead_letters.BEHIND, behind=earlier)
                await self._park_readable(record, why)
            else:
                self._count("applied" if await self._handle(record) else "skipped")

    async def park(self, record: Readable | Unreadable, error: Exception, attempts: int) -> None:
        """Park the record for the error, unless another process has applied it meanwhile."""
        if isinstance(record, Unreadable):
            await self._park_unreadable(record)
        elif not self._is_duplicate(record):
            self.marks.raise_to(record.key, record.sequence)
            invalid = isinstance(error, ValidationError)
            reason = dead_letters.INVALID if invalid else dead_letters.REFUSED
            why = dead_letters.Why(reason, dead_letters.describe(error), attempts)
            await self._park_readable(record, why)

    async def advance_marks(self) -> None:
        """Write the marks of what was applied or parked."""
        advance = self.marks.advance()
        await enqueue(self.connection, advance.prepared, **advance.values)

    async def _handle(self, record: Readable) -> bool:
        envelope = record.envelope
        cause = Cause(
            correlation_id=envelope.correlation_id or envelope.id,
            causation_id=envelope.id,
            actor=f"service:{self.group}",
            traceparent=envelope.traceparent,
        )
        if record.raw.value is None:
            if self.subscription.on_tombstone is None:
                return False
            with caused_by(cause):
                await self.subscription.on_tombstone(self.connection, record.key)
            return True
        handler = self.handlers.get(envelope.type)
        if handler is None:
            return False
        with (
            telemetry.span(handler.event.__name__, envelope.traceparent) as traceparent,
            caused_by(replace(cause, traceparent=traceparent)),
        ):
            await handler.handle(self.connection, record.body, envelope)
        return True

    def _is_duplicate(self, record: Readable) -> bool:
        return self.marks.is_duplicate(record.key, record.sequence)

    def _note_gap(self, record: Readable) -> None:
        """Report that an event before this one is missing; compaction leaves gaps, too."""
        topic, compacted = self.subscription.topic, self.subscription.on_tombstone is not None
        if not compacted and self.marks.leaves_gap(record.key, record.sequence):
            self.counted.append(telemetry.SEQUENCE_GAPS.labels(topic))
            log.error(
                "sequence_gap", topic=topic, sequence=record.sequence, event_id=record.envelope.id
            )

    def _count(self, outcome: str) -> None:
        self.counted.append(telemetry.CONSUMED.labels(self.subscription.topic, outcome))

    async def _park_readable(self, record: Readable, why: dead_letters.Why) -> None:
        envelope = record.envelope
        self.counted += await dead_letters.park_record(
            self.connection, record.raw, self.group, why, envelope.id, envelope.subject
        )

    async def _park_unreadable(self, record: Unreadable) -> None:
        why = dead_letters.Why(dead_letters.UNREADABLE, str(record.error), attempts=1)
        self.counted += await dead_letters.park_record(self.connection, record.raw, self.group, why)
