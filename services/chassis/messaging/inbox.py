"""The inbox: high-water marks that make a duplicate one integer compare, and the parked records."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.types import Text

from services.chassis.messaging.marks import Mark, Marks
from services.chassis.postgres.database import (
    Connection,
    Statement,
    fetch,
    fetch_each,
    prepared,
    sql,
)
from services.chassis.postgres.tables import parked

# Locks the marks in the order of their keys and returns them: a partition that changed hands while
# its batch was under way is applied by one process after the other, never by both.
_MARKS = sql("""
    INSERT INTO inbox AS i (topic, key, sequence)
    SELECT %(topic)s, k, 0 FROM unnest(%(keys)s::text[]) AS k ORDER BY k
    ON CONFLICT (topic, key) DO UPDATE SET sequence = i.sequence
    RETURNING key, sequence, recent
""")
_ADVANCE = sql("""
    UPDATE inbox i SET sequence = n.sequence, recent = n.recent
    FROM unnest(%(keys)s::text[], %(sequences)s::bigint[], %(recent)s::bytea[])
        AS n (key, sequence, recent)
    WHERE i.topic = %(topic)s AND i.key = n.key
""")
_PARKED = prepared(
    select(parked.c.subject, func.min(parked.c.event_id).label("event_id"))
    .where(parked.c.topic == bindparam("topic"))
    .where(parked.c.subject == func.any(bindparam("subjects", type_=ARRAY(Text))))
    .group_by(parked.c.subject)
)
_PARK = prepared(
    insert(parked)
    .values(
        {
            name: bindparam(name)
            for name in (
                "topic",
                "partition",
                "record_offset",
                "event_id",
                "subject",
                "reason",
                "error",
                "attempts",
                "behind",
            )
        }
    )
    .on_conflict_do_nothing()
    .returning(parked.c.record_offset)
)


def advance(marks: Marks) -> Statement:
    """Write the marks; part of the transaction that applied the events."""
    values = {
        "keys": list(marks.by_key),
        "sequences": [mark.sequence for mark in marks.by_key.values()],
        "recent": [mark.recent for mark in marks.by_key.values()],
    }
    return Statement(_ADVANCE, {"topic": marks.topic, **values})


async def lock_marks(
    connection: Connection, topic: str, keys: Iterable[str], subjects: Iterable[str]
) -> tuple[Marks, dict[str, str]]:
    """Lock and return the marks of the keys, zero for a key never seen.

    With it, in the same round trip, those subjects that have a parked record, and its id.
    """
    found, first_parked = await fetch_each(
        connection,
        Statement(_MARKS, {"topic": topic, "keys": sorted(set(keys))}),
        Statement(_PARKED, {"topic": topic, "subjects": sorted(set(subjects))}),
    )
    marks = Marks(topic, {row["key"]: Mark(row["sequence"], row["recent"]) for row in found})
    return marks, {row["subject"]: row["event_id"] for row in first_parked}


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """A record that could not be applied; the dead-letter topic holds its bytes."""

    topic: str
    partition: int
    record_offset: int
    event_id: str
    subject: str | None
    reason: str
    error: str
    attempts: int
    behind: str | None


async def park(connection: Connection, record: ParkedRecord) -> bool:
    """Keep the record's row; False when it is already parked."""
    values = {name: getattr(record, name) for name in ParkedRecord.__slots__}
    return bool(await fetch(connection, _PARK, **values))
