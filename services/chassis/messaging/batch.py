"""Records within one transaction: each applied, skipped as a duplicate, or parked with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from services.chassis.messaging import dead_letters
from services.chassis.messaging.inbox import advance
from services.chassis.messaging.marks import Marks, Verdict
from services.chassis.messaging.records import Readable, Unreadable
from services.chassis.messaging.subscriptions import (
    Contradiction,
    EventHandler,
    Received,
    Subscription,
)
from services.chassis.postgres.database import Connection, enqueue
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause, caused_by

log = structlog.get_logger(__name__)

_INSIDE = (Verdict.NEXT, Verdict.GAP)
_OUTSIDE = {Verdict.JUMP: dead_letters.JUMP, Verdict.CONFLICT: dead_letters.CONFLICT}


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
    # Events of this turn that their handlers take at once.
    waiting: dict[str, list[Received[Any]]] = field(default_factory=dict)
    # Subject and type of each event that was handled, neither skipped nor parked.
    handled: set[tuple[str, str]] = field(default_factory=set)
    # What to log of each record that is parked, then.
    newly_parked: list[dict[str, object]] = field(default_factory=list)

    async def apply(self, record: Readable | Unreadable) -> None:
        """Apply the record, or skip it, or park it when it cannot be read or must wait.

        Raises:
            Contradiction: envelope, body and topic do not say the same.
            ValidationError: the body breaks the contract.
        """
        if isinstance(record, Unreadable):
            await self._park_unreadable(record)
            return
        self.subscription.check(record.envelope, tombstone=record.raw.value is None)
        verdict = self.marks.judge(record.key, record.number)
        if verdict is Verdict.DUPLICATE:
            self._count("duplicate")
            return
        if verdict in _OUTSIDE:
            await self._close(record)
            await self._park_readable(record, dead_letters.Why(_OUTSIDE[verdict]))
            return
        self._note_gap(record, verdict)
        self.marks.raise_to(record.key, record.number)
        earlier = self.parked.get(record.envelope.subject)
        # A tombstone takes away what is parked, too: it must not wait behind that.
        if earlier is not None and record.raw.value is not None:
            await self._close(record)
            await self._park_readable(record, dead_letters.Why(dead_letters.BEHIND, behind=earlier))
        else:
            handled = await self._handle(record)
            self._count("applied" if handled else "skipped")
            if handled:
                self.handled.add((record.envelope.subject, record.envelope.type))

    async def park(self, record: Readable | Unreadable, error: Exception, attempts: int) -> None:
        """Park the record for the error, unless another process has applied it meanwhile."""
        if isinstance(record, Unreadable):
            await self._park_unreadable(record)
            return
        words = dead_letters.describe(error)
        if isinstance(error, Contradiction):
            why = dead_letters.Why(dead_letters.CONTRADICTION, str(error), attempts)
            await self._park_readable(record, why)
            return
        verdict = self.marks.judge(record.key, record.number)
        if verdict in _OUTSIDE:
            why = dead_letters.Why(_OUTSIDE[verdict], words, attempts)
            await self._park_readable(record, why)
        elif verdict is not Verdict.DUPLICATE:
            self.marks.raise_to(record.key, record.number)
            invalid = isinstance(error, ValidationError)
            reason = dead_letters.INVALID if invalid else dead_letters.REFUSED
            await self._park_readable(record, dead_letters.Why(reason, words, attempts))

    async def pass_over(self, record: Readable) -> None:
        """Go past a record that was parked before, when a history is applied again."""
        if self.marks.judge(record.key, record.number) in _INSIDE:
            self.marks.raise_to(record.key, record.number)
        await self._close(record)

    async def end_turn(self) -> None:
        """Hand over the events of different keys that their handlers take at once."""
        waiting, self.waiting = self.waiting, {}
        for type_, received in waiting.items():
            handle_all = self.handlers[type_].handle_all
            assert handle_all is not None
            await handle_all(self.connection, received)

    async def advance_marks(self) -> None:
        """Write the marks of what was applied or parked."""
        statement = advance(self.marks)
        await enqueue(self.connection, statement.prepared, **statement.values)

    async def _close(self, record: Readable) -> None:
        """Take away what the event takes away, although it is parked: better closed than open."""
        handler = self.handlers.get(record.envelope.type)
        if handler is not None and handler.closes and record.raw.value is not None:
            # By itself: several events of its key may be taken away from in one turn.
            with caused_by(self._cause(record)):
                await handler.handle(self.connection, record.body, record.envelope)

    def _cause(self, record: Readable) -> Cause:
        envelope = record.envelope
        return Cause(
            correlation_id=envelope.correlation_id or envelope.id,
            causation_id=envelope.id,
            actor=f"service:{self.group}",
            traceparent=envelope.traceparent,
        )

    async def _handle(self, record: Readable) -> bool:
        envelope, cause = record.envelope, self._cause(record)
        if record.raw.value is None:
            if self.subscription.on_tombstone is None:
                return False
            with caused_by(cause):
                await self.subscription.on_tombstone(self.connection, record.key)
            return True
        handler = self.handlers.get(envelope.type)
        if handler is None:
            return False
        if handler.handle_all is not None:
            received = Received(handler.read(record.body, envelope), envelope, cause)
            self.waiting.setdefault(envelope.type, []).append(received)
            return True
        with (
            telemetry.span(handler.event.__name__, envelope.traceparent) as traceparent,
            caused_by(replace(cause, traceparent=traceparent)),
        ):
            await handler.handle(self.connection, record.body, envelope)
        return True

    def _note_gap(self, record: Readable, verdict: Verdict) -> None:
        """Report that an event before this one is missing; compaction leaves gaps, too."""
        topic, compacted = self.subscription.topic, self.subscription.on_tombstone is not None
        if verdict is Verdict.GAP and not compacted:
            self.counted.append(telemetry.SEQUENCE_GAPS.labels(topic))
            log.error(
                "sequence_gap",
                topic=topic,
                sequence=record.number.sequence,
                event_id=record.envelope.id,
            )

    def _count(self, outcome: str) -> None:
        self.counted.append(telemetry.CONSUMED.labels(self.subscription.topic, outcome))

    async def _park_readable(self, record: Readable, why: dead_letters.Why) -> None:
        envelope = record.envelope
        subject = None if why.reason in dead_letters.OUTSIDE else envelope.subject
        await self._park(record, why, envelope.id, subject)

    async def _park_unreadable(self, record: Unreadable) -> None:
        await self._park(
            record, dead_letters.Why(dead_letters.UNREADABLE, str(record.error), attempts=1)
        )

    async def _park(
        self,
        record: Readable | Unreadable,
        why: dead_letters.Why,
        event_id: str = "",
        subject: str | None = None,
    ) -> None:
        raw = record.raw
        if await dead_letters.park_record(self.connection, raw, self.group, why, event_id, subject):
            self._count("parked")
            self.counted.append(telemetry.DEAD_LETTERS.labels(raw.topic, why.reason))
            place = {"topic": raw.topic, "partition": raw.partition, "offset": raw.offset}
            self.newly_parked.append({**place, "reason": why.reason, "error": why.error})
        else:
            self._count("duplicate")
