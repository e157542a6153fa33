"""The stored events of a booking with who caused them, and the verdicts on its times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from services.booking.bookings.verdicts import SlotVerdict, slot_verdict
from services.chassis.events.streams import Stream
from services.chassis.postgres.database import Connection, Row, fetch, sql

E = TypeVar("E")

# All events of an append have its metadata: the command of each is found by its place in it.
_EVENTS = sql("""
    SELECT e.version, e.type, e.data::text AS data, e.time, e.metadata->>'actor' AS actor,
        e.metadata->'commands'->e.stream->>(row_number() OVER (
            PARTITION BY e.time, e.metadata ORDER BY e.version)::int - 1) AS command
    FROM events e WHERE e.stream = %(stream)s ORDER BY e.version
""")
_VERDICTS = sql("""
    SELECT accepted, reasons FROM verdicts
    WHERE booking_id = %(booking_id)s AND starts_at = %(starts_at)s AND checked_at <= %(at)s
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent(Generic[E]):
    """An event with its place, its instant, and who caused it by which command.

    The command is None for what was stored before commands were.
    """

    version: int
    event: E
    at: datetime
    actor: str
    command: str | None


async def stored_events(
    connection: Connection, stream: Stream[Any, Any, E]
) -> Sequence[StoredEvent[E]]:
    """Return the events of the stream in their order."""
    rows = await fetch(connection, _EVENTS, stream=stream.name)
    return [_stored(stream, row) for row in rows]


async def verdict_at(
    connection: Connection, booking_id: UUID, starts_at: datetime, at: datetime
) -> SlotVerdict:
    """Return the verdict on the time as far as it had come by then."""
    rows = await fetch(connection, _VERDICTS, booking_id=booking_id, starts_at=starts_at, at=at)
    return slot_verdict(rows[0]["accepted"], rows[0]["reasons"]) if rows else slot_verdict(None, ())


def _stored(stream: Stream[Any, Any, E], row: Row) -> StoredEvent[E]:
    return StoredEvent(
        version=row["version"],
        event=stream.category.codec.decode(row["type"], row["data"]),
        at=row["time"],
        actor=row["actor"] or "system",
        command=row["command"],
    )
