"""Rows of connected calendars and of the times that they take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.availability.calendars.port import BrokenReason, BusyTime, CalendarKind
from services.availability.domain.intervals import micros
from services.chassis.postgres.database import (
    Connection,
    Row,
    enqueue,
    execute,
    fetch,
    fetch_one,
    fetch_tuples,
    sql,
)

_COLUMNS = """id, organizer_id, kind, name, place, sealed, written, version, time_zone, state,
    window_end, skipped, connected_at, read_at, closed_from, broken_since, broken_reason, announced,
    failures"""
_OF_ORGANIZER = sql(
    f"SELECT {_COLUMNS} FROM calendars WHERE organizer_id = %(organizer_id)s ORDER BY id"  # noqa: S608
)
_ONE = sql(
    f"SELECT {_COLUMNS} FROM calendars WHERE id = %(id)s AND organizer_id = %(organizer_id)s"  # noqa: S608
)
_ZONE = sql("""
    SELECT rules->>'organizer_time_zone' AS zone FROM meeting_types
    WHERE organizer_id = %(organizer_id)s ORDER BY deleted, id DESC LIMIT 1
""")
_LOCK = sql("SELECT pg_advisory_xact_lock(hashtextextended('calendars ' || %(of)s, 0))")
_INSERT = sql("""
    INSERT INTO calendars (id, organizer_id, kind, name, place, sealed, written, time_zone,
        closed_from, next_read_at)
    VALUES (%(id)s, %(organizer_id)s, %(kind)s, %(name)s, %(place)s, %(sealed)s, %(written)s,
        %(time_zone)s, clock_timestamp(), clock_timestamp())
""")
_CHANGE = sql("""
    UPDATE calendars SET name = %(name)s, written = %(written)s, sealed = %(sealed)s,
        place = %(place)s, version = version + 1
    WHERE id = %(id)s
""")
_REMOVE = sql("DELETE FROM calendars WHERE id = %(id)s")
# Whoever has claimed it has it until the lease ends; a worker that comes later keeps nothing.
_CLAIM = sql(f"""
    UPDATE calendars SET lease = %(lease)s,
        leased_until = clock_timestamp() + make_interval(secs => %(seconds)s)
    WHERE id IN (
        SELECT id FROM calendars
        WHERE next_read_at <= clock_timestamp()
            AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY next_read_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
""")  # noqa: S608
_MINE = sql("SELECT 1 FROM calendars WHERE id = %(id)s AND lease = %(lease)s FOR UPDATE")
_KEEP_READ = sql("""
    UPDATE calendars SET state = %(state)s, window_end = %(window_end)s, skipped = %(skipped)s,
        hours = coalesce(%(hours)s::jsonb, hours), sealed = %(sealed)s,
        read_at = clock_timestamp(),
        closed_from = clock_timestamp() + make_interval(secs => %(fresh)s),
        next_read_at = clock_timestamp() + make_interval(secs => %(again)s),
        broken_since = NULL, broken_reason = NULL, announced = false, failures = 0,
        lease = NULL, leased_until = NULL
    WHERE id = %(id)s
""")
_KEEP_FAILURE = sql("""
    UPDATE calendars SET broken_since = coalesce(broken_since, clock_timestamp()),
        broken_reason = %(reason)s, announced = %(announced)s, failures = failures + 1,
        next_read_at = clock_timestamp() + make_interval(secs => %(again)s),
        lease = NULL, leased_until = NULL
    WHERE id = %(id)s
""")
_WAIT = sql("""
    UPDATE calendars SET next_read_at = clock_timestamp() + make_interval(secs => %(again)s),
        lease = NULL, leased_until = NULL
    WHERE id = %(id)s
""")
_START_AGAIN = sql("""
    UPDATE calendars SET next_read_at = clock_timestamp(), state = '{}', lease = NULL,
        leased_until = NULL
    WHERE id = %(id)s
""")
_BUSY = sql("""
    SELECT key, begins, ends, kind, all_day FROM busy_times
    WHERE calendar_id = %(id)s AND (%(keys)s::text[] IS NULL OR key = ANY(%(keys)s))
""")
_DROP_BUSY = sql("DELETE FROM busy_times WHERE calendar_id = %(id)s AND key = ANY(%(keys)s)")
_PUT_BUSY = sql("""
    INSERT INTO busy_times (calendar_id, organizer_id, key, begins, ends, kind, all_day)
    SELECT %(id)s, %(organizer_id)s, * FROM unnest(%(keys)s::text[], %(begins)s::bigint[],
        %(ends)s::bigint[], %(kinds)s::text[], %(all_day)s::boolean[])
""")
_REVISE = sql("""
    INSERT INTO free_busy AS f (organizer_id, revision) VALUES (%(organizer_id)s, 1)
    ON CONFLICT (organizer_id) DO UPDATE SET revision = f.revision + 1
    RETURNING revision
""")

# Of a time: begins, ends, kind, whether it is of whole days.
BusyRow = tuple[int, int, str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """A connected calendar as its row has it."""

    id: UUID
    organizer_id: UUID
    kind: CalendarKind
    name: str
    place: str
    sealed: bytes
    written: bool
    version: int
    time_zone: str
    state: Mapping[str, Any]
    window_end: datetime | None
    skipped: Sequence[Mapping[str, str]]
    connected_at: datetime
    read_at: datetime | None
    closed_from: datetime
    broken_since: datetime | None
    broken_reason: BrokenReason | None
    announced: bool
    failures: int


async def of_organizer(connection: Connection, organizer_id: UUID) -> list[CalendarRow]:
    """Return the organizer's calendars in the order in which they were connected."""
    rows = await fetch(connection, _OF_ORGANIZER, organizer_id=organizer_id)
    return [_row(row) for row in rows]


async def one(connection: Connection, organizer_id: UUID, id_: UUID) -> CalendarRow | None:
    """Return the calendar, None if the organizer has no such one."""
    row = await fetch_one(connection, _ONE, id=id_, organizer_id=organizer_id)
    return _row(row) if row else None


async def zone_of_organizer(connection: Connection, organizer_id: UUID) -> str | None:
    """Return the organizer's zone as their meeting types have it."""
    row = await fetch_one(connection, _ZONE, organizer_id=organizer_id)
    return row["zone"] if row else None


async def lock(connection: Connection, organizer_id: UUID) -> None:
    """Let nobody else change the organizer's calendars until the transaction ends."""
    await execute(connection, _LOCK, of=str(organizer_id))


async def insert(connection: Connection, row: CalendarRow) -> None:
    """Keep a calendar that is connected."""
    await execute(
        connection,
        _INSERT,
        id=row.id,
        organizer_id=row.organizer_id,
        kind=row.kind,
        name=row.name,
        place=row.place,
        sealed=row.sealed,
        written=row.written,
        time_zone=row.time_zone,
    )


async def change(connection: Connection, id_: UUID, **values: Any) -> None:
    """Keep other settings of the calendar."""
    await execute(connection, _CHANGE, id=id_, **values)


async def remove(connection: Connection, id_: UUID) -> None:
    """Forget the calendar with all its times."""
    await execute(connection, _REMOVE, id=id_)


async def claim(
    connection: Connection, lease: UUID, *, seconds: float, limit: int
) -> list[CalendarRow]:
    """Take calendars that are due; nobody else takes them while the lease lasts."""
    rows = await fetch(connection, _CLAIM, lease=lease, seconds=seconds, limit=limit)
    return [_row(row) for row in rows]


async def is_mine(connection: Connection, id_: UUID, lease: UUID) -> bool:
    """Tell whether the lease still holds, and keep it until the transaction ends."""
    return await fetch_one(connection, _MINE, id=id_, lease=lease) is not None


async def keep_read(connection: Connection, id_: UUID, **values: Any) -> None:
    """Keep that the calendar was read, and what the next reading needs."""
    await enqueue(connection, _KEEP_READ, id=id_, **values)


async def keep_failure(
    connection: Connection,
    id_: UUID,
    reason: BrokenReason,
    *,
    again: float,
    announced: bool,
) -> None:
    """Keep that the calendar could not be read, and why."""
    await execute(
        connection,
        _KEEP_FAILURE,
        id=id_,
        reason=reason,
        again=again,
        announced=announced,
    )


async def wait(connection: Connection, id_: UUID, *, again: float) -> None:
    """Let the calendar be read after so many seconds."""
    await execute(connection, _WAIT, id=id_, again=again)


async def start_again(connection: Connection, id_: UUID) -> None:
    """Let all of the calendar be read, soon."""
    await execute(connection, _START_AGAIN, id=id_)


async def busy_rows(
    connection: Connection, id_: UUID, keys: Sequence[str] | None
) -> dict[str, list[BusyRow]]:
    """Return the times that are kept of the entries, of all of them without keys."""
    found: dict[str, list[BusyRow]] = {}
    rows = await fetch_tuples(connection, _BUSY, id=id_, keys=None if keys is None else list(keys))
    for key, *time in rows:
        found.setdefault(key, []).append((time[0], time[1], time[2], time[3]))
    return found


def rows_of(times: Iterable[BusyTime]) -> list[BusyRow]:
    """Return the times as rows have them; one that ends before it begins takes nothing."""
    return [
        (micros(each.start), micros(each.end), each.kind, each.all_day)
        for each in times
        if each.start < each.end
    ]


async def replace_busy(
    connection: Connection,
    row: CalendarRow,
    dropped: Sequence[str],
    put: Mapping[str, Sequence[BusyRow]],
) -> int:
    """Keep other times of some entries; return the organizer's new revision."""
    await enqueue(connection, _DROP_BUSY, id=row.id, keys=list(dropped))
    flat = [(key, *time) for key, times in put.items() for time in times]
    if flat:
        keys, begins, ends, kinds, all_day = (list(each) for each in zip(*flat, strict=True))
        await enqueue(
            connection,
            _PUT_BUSY,
            id=row.id,
            organizer_id=row.organizer_id,
            keys=keys,
            begins=begins,
            ends=ends,
            kinds=kinds,
            all_day=all_day,
        )
    return await revise(connection, row.organizer_id)


async def revise(connection: Connection, organizer_id: UUID) -> int:
    """Count that the organizer's calendars take other times; return the new revision."""
    revised = await fetch_one(connection, _REVISE, organizer_id=organizer_id)
    assert revised is not None
    return int(revised["revision"])


def as_json(value: Any) -> Jsonb | None:
    """Return the value as a column takes it."""
    return None if value is None else Jsonb(value)


def _row(row: Row) -> CalendarRow:
    return CalendarRow(**row)
