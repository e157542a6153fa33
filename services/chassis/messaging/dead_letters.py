"""Records that cannot be applied: parked with a reason, and so are later ones of the subject."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from contracts.topics import dead_letter_topic
from services.chassis.messaging import outbox
from services.chassis.messaging.inbox import ParkedRecord, park
from services.chassis.messaging.record_batches import UnreadableRecord
from services.chassis.postgres.database import Connection, run_all

# A letter must fit where the record did: Kafka's own limit is a MiB, the letters' topic has two.
LARGEST_VALUE = 1024 * 1024
HEAD = 64 * 1024  # of a larger value, and of the key and the headers together

UNREADABLE = "unreadable"  # the record is no CloudEvent of ours
INVALID = "invalid"  # its body breaks the contract
REFUSED = "refused"  # the handler failed on it, again and again
BEHIND = "behind"  # an earlier record of the same subject is parked
# These are no part of their key's history: nothing waits behind them.
CONTRADICTION = "contradiction"  # envelope, body and topic do not say the same
JUMP = "jump"  # more events would be missing before it than can be
CONFLICT = "conflict"  # another event had its number
OUTSIDE = (CONTRADICTION, JUMP, CONFLICT)
REASONS = (UNREADABLE, INVALID, REFUSED, BEHIND, *OUTSIDE)


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
) -> bool:
    """Park the record and stage it for the dead-letter topic, once, in this transaction.

    False when it is parked already.
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
        return False
    letter = letter_of(record, why)
    await run_all(connection, [outbox.record(dead_letter_topic(record.topic, group), *letter)])
    return True


def letter_of(
    record: ConsumerRecord, why: Why
) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    """Return key, value and headers of the dead letter.

    What is large is cut to its head; the notes say where the whole is, and its size.
    """
    whole, value = record.value, record.value
    size = len(whole or b"")
    if isinstance(record, UnreadableRecord):
        size = record.size
    elif whole is not None and size > LARGEST_VALUE:
        value = whole[:HEAD]
    headers, left_off = _fitting(record.headers)
    notes: dict[str, object] = {
        "dlt_reason": why.reason,
        "dlt_error": why.error,
        "dlt_topic": record.topic,
        "dlt_partition": record.partition,
        "dlt_offset": record.offset,
        "dlt_attempts": why.attempts,
    }
    if why.behind:
        notes["dlt_behind"] = why.behind
    if size != len(value or b""):
        notes["dlt_value_size"] = size
    if isinstance(record, UnreadableRecord) and record.last_offset != record.offset:
        notes["dlt_last_offset"] = record.last_offset
    if left_off:
        notes["dlt_headers_left_off"] = left_off
    key = record.key
    if key is not None and len(key) > HEAD:
        notes["dlt_key_size"], key = len(key), key[:HEAD]
    return key, value, [*headers, *((name, str(note).encode()) for name, note in notes.items())]


def _fitting(headers: Iterable[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], int]:
    """Return the first headers that fit, and how many do not."""
    kept: list[tuple[str, bytes]] = []
    left, left_off = HEAD, 0
    for name, held in headers:
        left -= len(name.encode()) + len(held or b"")
        if left < 0:
            left_off += 1
        else:
            kept.append((name, held))
    return kept, left_off
