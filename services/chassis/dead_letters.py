"""Records that cannot be applied: parked with a reason, later ones of the subject behind them."""

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from contracts.topics import dead_letter_topic
from services.chassis import outbox, telemetry
from services.chassis.db import Connection, run_all
from services.chassis.inbox import ParkedRecord, park

UNREADABLE = "unreadable"  # the record is no CloudEvent of ours
INVALID = "invalid"  # its body breaks the contract
REFUSED = "refused"  # the handler failed on it, again and again
BEHIND = "behind"  # an earlier record of the same subject is parked


def describe(error: Exception) -> str:
    """Name the error without the values that caused it: they may be personal."""
    if isinstance(error, ValidationError):
        faults = (f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors())
        return f"ValidationError {'; '.join(faults)}"[:500]
    return type(error).__name__


async def park_record(
    connection: Connection,
    record: ConsumerRecord,
    group: str,
    *,
    event_id: str,
    subject: str | None,
    reason: str,
    error: str,
    attempts: int,
    behind: str | None = None,
) -> None:
    """Park the record and stage it for the dead-letter topic, once, in this transaction."""
    row = ParkedRecord(
        topic=record.topic,
        partition=record.partition,
        record_offset=record.offset,
        event_id=event_id,
        subject=subject,
        reason=reason,
        error=error,
        attempts=attempts,
        behind=behind,
    )
    if not await park(connection, row):
        return
    telemetry.DEAD_LETTERS.labels(record.topic, reason).inc()
    notes = {
        "dlt_reason": reason,
        "dlt_error": error,
        "dlt_topic": record.topic,
        "dlt_partition": record.partition,
        "dlt_offset": record.offset,
        "dlt_attempts": attempts,
        **({"dlt_behind": behind} if behind else {}),
    }
    headers = [*record.headers, *((name, str(value).encode()) for name, value in notes.items())]
    topic = dead_letter_topic(record.topic, group)
    await run_all(connection, [outbox.record(topic, record.key, record.value, headers)])
