"""Batch processing: all records in one transaction, or one by one when one of them fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import structlog
from aiokafka import ConsumerRecord
from pydantic import ValidationError

from services.chassis.events.retries import run_with_retries
from services.chassis.messaging import dead_letters
from services.chassis.messaging.batch import Batch
from services.chassis.messaging.inbox import lock_marks
from services.chassis.messaging.records import Readable, Unreadable, read
from services.chassis.messaging.subscriptions import Contradiction, Subscription
from services.chassis.postgres.database import PASSING_FAULTS, Connection, Database
from services.chassis.postgres.faults import VersionConflict
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

# What breaks the contract will break it again; only what was refused may pass.
LASTING = (ValidationError, Contradiction)
# How often a record that is refused is tried before it is parked.
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.05


Record = Readable | Unreadable


@dataclass(frozen=True, slots=True)
class Committed:
    """What a committed batch was about: its records' subjects; subject and type of the handled."""

    subjects: frozenset[str]
    handled: frozenset[tuple[str, str]]


def key_of_event(subject: str, type_: str) -> str:
    """Return the key under which is signalled that such an event about it was handled."""
    return f"{type_} {subject}"


class BatchProcessor:
    """Processes the records of one subscription for one consumer group."""

    def __init__(self, database: Database, group: str, subscription: Subscription) -> None:
        self._database = database
        self._group = group
        self._subscription = subscription
        self._handlers = subscription.by_type()

    async def process(self, records: Sequence[ConsumerRecord]) -> Committed:
        """Apply, skip or park every record; return what they were about.

        The statements of a batch travel in a pipeline, so the record that fails is not known from
        the error: a bad batch is applied again, one record a transaction.

        Raises:
            VersionConflict: other transactions were faster, in every round.
            PASSING_FAULTS: the database is away.
        """
        batch = [read(record) for record in records]
        handled: set[tuple[str, str]] = set()
        try:
            handled |= await self._apply(batch)
        except (VersionConflict, *PASSING_FAULTS):
            raise
        except Exception as fault:
            log.warning("batch_split", size=len(batch), fault=dead_letters.describe(fault))
            for record in batch:
                handled |= await self._apply_alone(record)
        subjects = {record.envelope.subject for record in batch if isinstance(record, Readable)}
        return Committed(frozenset(subjects), frozenset(handled))

    async def _apply_alone(self, record: Record) -> set[tuple[str, str]]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._apply([record])
            except (VersionConflict, *PASSING_FAULTS):
                raise
            except Exception as error:
                if attempt == ATTEMPTS or isinstance(error, LASTING):
                    log.exception(
                        "record_refused", topic=record.raw.topic, offset=record.raw.offset
                    )
                    await self._park(record, error, attempt)
                    break
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        return set()

    async def _apply(self, records: Sequence[Record]) -> set[tuple[str, str]]:
        """Apply the records in one transaction; return subject and type of those handled."""

        async def work(connection: Connection) -> Batch:
            batch = await self._begin(connection, records)
            reach("consumer.marked")
            for turn in self._turns(records):
                for record in turn:
                    await batch.apply(record)
                await batch.end_turn()
            await batch.advance_marks()
            reach("consumer.applied")
            return batch

        return (await self._commit(work)).handled

    def _turns(self, records: Sequence[Record]) -> Iterable[Sequence[Record]]:
        """Return the records in the order in which they are applied; that of a key is kept.

        Key by key: so locks are taken in the order of the keys, as commits take theirs, and no
        two transactions wait for each other. For handlers that take many events at once, a turn
        has one record of each key.
        """
        by_key: dict[str, list[Record]] = {}
        for record in records:
            by_key.setdefault(record.key if isinstance(record, Readable) else "", []).append(record)
        queues = [queue for _, queue in sorted(by_key.items())]
        if not self._subscription.takes_many:
            return queues
        return [[each for each in turn if each] for turn in zip_longest(*queues)]

    async def _park(self, record: Record, error: Exception, attempts: int) -> None:
        """Park a record that cannot be applied, and move its key's mark past it."""

        async def work(connection: Connection) -> Batch:
            batch = await self._begin(connection, [record])
            await batch.park(record, error, attempts)
            await batch.advance_marks()
            return batch

        await self._commit(work)

    async def _begin(self, connection: Connection, records: Sequence[Record]) -> Batch:
        readable = [record for record in records if isinstance(record, Readable)]
        marks, parked = await lock_marks(
            connection,
            self._subscription.topic,
            (record.key for record in readable),
            (record.envelope.subject for record in readable),
        )
        return Batch(connection, self._group, self._subscription, self._handlers, marks, parked)

    async def _commit(self, work: Callable[[Connection], Awaitable[Batch]]) -> Batch:
        """Run the work in a transaction; once it is committed, it is counted and logged."""
        batch = await run_with_retries(self._database, work)
        for counter in batch.counted:
            counter.inc()
        for parked in batch.newly_parked:
            log.error("record_parked", **parked)
        return batch
