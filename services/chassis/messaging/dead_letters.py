"""Records that cannot be applied: parked with a reason, and so are later ones of the subject."""

from dataclasses import dataclass

from aiokafka import ConsumerRecord
from prometheus_client import Counter
from pydantic import ValidationError

from contracts.topics import dead_letter_topic
from services.chassis.messaging import outbox
from services.chassis.messaging.inbox import ParkedRecord, park
from services.chassis.postgres.database import Connection, run_all
from services.chassis.runtime import telemetry

UNREADABLE = "unreadable"  # the record is no CloudEvent of ours
INVALID = "invalid"  # its body breaks the contract
REFUSED = "refused"  # the handler failed on it, again and again
BEHIND = "behind"  # an earlier record of the same subject is parked
REASONS = (UNREADABLE, INVALID, REFUSED, BEHIND)


def describe(error: Exception) -> str:
    """Name the error without the values that caused it: they may be personal."""
    if isinstance(error, ValidationError):
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
        return f"ValidationError {'; '.join(faults)}"[:500]
    return type(error).__name__


@dataclass(frozen=True, slots=True)
class Why:
    """Why a record is parked, after how many attempts, and for which earlier one it waits."""

    reason: str
    error: str = ""
    attempts: int = 0
    behind: str | None = None


async def park_record(
    connection: Connection,
    record: ConsumerRecord,
    group: str,
    why: Why,
    event_id: str = "",
    subject: str | None = None,
) -> list[Counter]:
    """Park the record and stage it for the dead-letter topic, once, in this transaction.

    Returns the counters to increment once it is committed.
    """
    row = ParkedRecord(
        topic=record.topic,
        partition=record.partition,
        record_offset=record.offset,
        event_id=event_id,
        subject=subject,
        reason=why.reason,
        error=why.error,
        attempts=why.attempts,
        behind=why.behind,
    )
    if not await park(connection, row):
        return [telemetry.CONSUMED.labels(record.topic, "duplicate")]
    notes = {
        "dlt_reason": why.reason,
        "dlt_error": why.error,
        "dlt_topic": record.topic,
        "dlt_partition": record.partition,
        "dlt_offset": record.offset,
        "dlt_attempts": why.attempts,
        **({"dlt_behind": why.behind} if why.behind else {}),
    }
    headers = [*record.headers, *((name, str(value).encode()) for name, value in notes.items())]
    topic = dead_letter_topic(record.topic, group)
    await run_all(connection, [outbox.record(topic, record.key, record.value, headers)])
    return [
        telemetry.DEAD_LETTERS.labels(record.topic, why.reason),
        telemetry.CONSUMED.labels(record.topic, "parked"),
    ]
