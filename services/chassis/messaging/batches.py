"""Batch processing: all records in one transaction, or one by one when one of them fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter
from pydantic import ValidationError

from contracts.envelope import Envelope, NotACloudEvent, decode
from contracts.event import ContractEvent
from services.chassis.events.store import VersionConflict
from services.chassis.messaging import dead_letters
from services.chassis.messaging.inbox import Marks, lock_marks
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database, enqueue
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.05
LONGEST_NAME = 500

# Counters to raise once their transaction is committed.
Counted = list[Counter]
Handlers = Mapping[str, tuple[type[ContractEvent], Callable[..., Awaitable[None]]]]


@dataclass(frozen=True, slots=True)
class Readable:
    """A record that is a CloudEvent of ours."""

    record: ConsumerRecord
    envelope: Envelope
    key: str
    sequence: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not."""

    record: ConsumerRecord
    error: Exception


def read(record: ConsumerRecord) -> Readable | Unreadable:
    """Decode the envelope; the body stays undecoded until a handler takes it."""
    try:
        envelope, body = decode(record.key, record.value, record.headers)
    except NotACloudEvent as error:
        return Unreadable(record, error)
    if envelope.sequence is None or envelope.partition_key is None:
        return Unreadable(record, NotACloudEvent("it has no sequence"))
    names = (envelope.partition_key, envelope.subject, envelope.id)
    if max(map(len, names)) > LONGEST_NAME:  # PostgreSQL could index neither its mark nor its row
        return Unreadable(record, NotACloudEvent("its key, subject or id is too long"))
    return Readable(record, envelope, envelope.partition_key, envelope.sequence, body)


class BatchProcessor:
    """Processes the records of one topic for one consumer group."""

    def __init__(
        self,
        database: Database,
        group: str,
        handlers: Handlers,
        on_tombstone: Callable[[Connection, str], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._group = group
        self._handlers = handlers
        self._on_tombstone = on_tombstone

    async def process(self, records: Sequence[ConsumerRecord]) -> frozenset[str]:
        """Apply, skip or park every record; passing faults and VersionConflict are raised.

        Returns the subjects of the records.

        The statements of a batch travel in a pipeline, so the record that fails is not known from
        the error: a bad batch is applied again, one record a transaction.
        """
        batch = [read(record) for record in records]
        try:
            await self._apply_together(batch)
        except (VersionConflict, *PASSING_FAULTS):
            raise
        except Exception as fault:
            log.warning("batch_split", size=len(batch), fault=dead_letters.describe(fault))
            for each in batch:
                await self._apply_alone(each)
        return frozenset(each.envelope.subject for each in batch if isinstance(each, Readable))

    async def _apply_alone(self, each: Readable | Unreadable) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._apply_together([each])
            except (VersionConflict, *PASSING_FAULTS):
                raise
            except Exception as error:
                # What breaks the contract will break it again; only what was refused may pass.
                if attempt == ATTEMPTS or isinstance(error, ValidationError):
                    log.exception(
                        "record_parked", topic=each.record.topic, offset=each.record.offset
                    )
                    await self._park(each, error, attempt)
                    return
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
            else:
                return

    async def _apply_together(self, batch: Sequence[Readable | Unreadable]) -> None:
        counted: Counted = []
        await self._apply_in_one_transaction(batch, counted)
        for each in counted:  # only what has been committed counts
            each.inc()

    async def _apply_in_one_transaction(
        self, batch: Sequence[Readable | Unreadable], counted: Counted
    ) -> None:
        readable = [each for each in batch if isinstance(each, Readable)]
        topic = batch[0].record.topic
        async with self._database.transaction() as connection:
            marks, parked = await lock_marks(
                connection,
                topic,
                (each.key for each in readable),
                (each.envelope.subject for each in readable),
            )
            reach("consumer.marked")
            for each in batch:
                if isinstance(each, Unreadable):
                    await self._park_unreadable(connection, each, counted)
                else:
                    await self._apply_one(connection, each, marks, parked, counted)
            advance = marks.advance()
            await enqueue(connection, advance.prepared, **advance.values)
            reach("consumer.applied")

    async def _apply_one(
        self,
        connection: Connection,
        each: Readable,
        marks: Marks,
        parked: dict[str, str],
        counted: Counted,
    ) -> None:
        topic, envelope = each.record.topic, each.envelope
        if marks.is_duplicate(each.key, each.sequence):
            counted.append(telemetry.CONSUMED.labels(topic, "duplicate"))
            return
        if self._on_tombstone is None and marks.leaves_gap(each.key, each.sequence):
            counted.append(telemetry.SEQUENCE_GAPS.labels(topic))
            log.error("sequence_gap", topic=topic, sequence=each.sequence, event_id=envelope.id)
        marks.raise_to(each.key, each.sequence)
        behind = parked.get(envelope.subject)
        if behind is not None:
            why = dead_letters.Why(dead_letters.BEHIND, behind=behind)
            await self._note_parked(connection, each, why, counted)
            return
        handled = await self._handle(connection, each)
        counted.append(telemetry.CONSUMED.labels(topic, "applied" if handled else "skipped"))

    async def _handle(self, connection: Connection, each: Readable) -> bool:
        envelope = each.envelope
        cause = Cause(
            correlation_id=envelope.correlation_id or envelope.id,
            causation_id=envelope.id,
            actor=f"service:{self._group}",
            traceparent=envelope.traceparent,
        )
        if each.record.value is None:
            if self._on_tombstone is None:
                return False
            with caused_by(cause):
                await self._on_tombstone(connection, each.key)
            return True
        known = self._handlers.get(envelope.type)
        if known is None:
            return False
        contract, handler = known
        with (
            telemetry.span(contract.__name__, envelope.traceparent) as traceparent,
            caused_by(replace(cause, traceparent=traceparent)),
        ):
            await handler(connection, contract.model_validate_json(each.body), envelope)
        return True

    async def _park(self, each: Readable | Unreadable, error: Exception, attempts: int) -> None:
        """Park a record that cannot be applied, and pass it in its key's mark."""
        counted: Counted = []
        async with self._database.transaction() as connection:
            if isinstance(each, Unreadable):
                await self._park_unreadable(connection, each, counted)
            else:
                marks, _ = await lock_marks(connection, each.record.topic, [each.key])
                if marks.is_duplicate(each.key, each.sequence):
                    return
                marks.raise_to(each.key, each.sequence)
                advance = marks.advance()
                await enqueue(connection, advance.prepared, **advance.values)
                await self._note_parked(connection, each, _why(error, attempts), counted)
        for each_counter in counted:
            each_counter.inc()

    async def _note_parked(
        self, connection: Connection, each: Readable, why: dead_letters.Why, counted: Counted
    ) -> None:
        envelope = each.envelope
        counted += await dead_letters.park_record(
            connection, each.record, self._group, why, envelope.id, envelope.subject
        )

    async def _park_unreadable(
        self, connection: Connection, each: Unreadable, counted: Counted
    ) -> None:
        why = dead_letters.Why(dead_letters.UNREADABLE, str(each.error), attempts=1)
        counted += await dead_letters.park_record(connection, each.record, self._group, why)


def _why(error: Exception, attempts: int) -> dead_letters.Why:
    invalid = isinstance(error, ValidationError)
    reason = dead_letters.INVALID if invalid else dead_letters.REFUSED
    return dead_letters.Why(reason, dead_letters.describe(error), attempts)
