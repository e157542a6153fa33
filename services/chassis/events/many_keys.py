"""One event for each of many keys, appended by one statement: decisions about many users or pages.

It does for all of them what `append_events` does for one key (postgres/schema.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from services.chassis.events.streams import AnyChange, Recorded
from services.chassis.ids import new_id
from services.chassis.messaging.outbox import headers_of
from services.chassis.postgres.arrays import Texts
from services.chassis.postgres.database import (
    Connection,
    Statement,
    count_at_commit,
    enqueue_all,
    sql,
)
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import Cause
from services.chassis.runtime.crash_points import reach

# The keys' locks are taken in their order. A stream that has moved on meanwhile has that version
# already: the unique constraint refuses it, which is a VersionConflict (postgres/faults.py).
_APPEND = sql("""
    WITH input AS (
        SELECT i.key, i.stream, i.version, i.id, i.type, i.data, i.metadata, i.headers, i.value
        FROM unnest(%(keys)s, %(streams)s, %(versions)s::integer[], %(ids)s::uuid[], %(types)s,
                %(data)s::jsonb[], %(metadata)s::jsonb[], %(headers)s, %(values)s)
            AS i (key, stream, version, id, type, data, metadata, headers, value)
    ), drawn AS (
        INSERT INTO sequences AS s (topic, key, last)
        SELECT %(topic)s, i.key, 1 FROM input i ORDER BY i.key
        ON CONFLICT (topic, key) DO UPDATE SET last = s.last + 1
        RETURNING s.key, s.last
    ), appended AS (
        INSERT INTO events
            (id, stream, version, partition_key, sequence, type, time, data, metadata)
        SELECT i.id, i.stream, i.version, i.key, d.last, i.type, %(time)s, i.data, i.metadata
        FROM input i JOIN drawn d ON d.key = i.key
    )
    INSERT INTO outbox (topic, key, sequence, headers, value)
    SELECT %(topic)s, convert_to(i.key, 'UTF8'), d.last, i.headers, convert_to(i.value, 'UTF8')
    FROM input i JOIN drawn d ON d.key = i.key ORDER BY i.key
""")


@dataclass(frozen=True, slots=True)
class ChangeOfKey:
    """A change of one stream, under its key, and what caused it."""

    key: str
    change: AnyChange
    cause: Cause


async def append_to_many_keys(
    connection: Connection, topic: str, changes: Iterable[ChangeOfKey], *, at: datetime
) -> None:
    """Append the event of each change, with its message and read models; some have none.

    Raises:
        ValueError: a change has several events, or two are of one key.
    """
    written = [_Written.of(each, at) for each in changes if each.change.events]
    if len({each.recorded.key for each in written}) < len(written):
        raise ValueError("two changes are of one key")
    if not written:
        return
    projected = [
        statement
        for each in written
        for statement in each.change.aggregate.stream.category.project(each.recorded)
    ]
    await enqueue_all(connection, [_append(topic, written, at), *projected])
    reach("store.appended")
    types = (type(each.recorded.event).__name__ for each in written)
    count_at_commit(connection, map(telemetry.APPENDED.labels, types))


@dataclass(frozen=True, slots=True)
class _Written:
    """A change with its one event, and all that is stored of it as text."""

    change: AnyChange
    recorded: Recorded[Any]
    type: str
    data: str
    metadata: str
    headers: str
    value: str

    @classmethod
    def of(cls, asked: ChangeOfKey, at: datetime) -> "_Written":
        change, cause = asked.change, asked.cause
        [event] = change.events
        stream = change.aggregate.stream
        version = change.aggregate.version + 1
        recorded = Recorded(new_id(), stream.name, version, asked.key, at, event)
        type_, data = stream.category.codec.encode(event)
        message = stream.category.publish(recorded)
        metadata = {
            "correlation_id": cause.correlation_id,
            "causation_id": cause.causation_id,
            "actor": cause.actor,
            "traceparent": cause.traceparent,
            "commands": {stream.name: list(change.commands)},
        }
        headers = headers_of(message, id_=recorded.id, at=at, cause=cause, key=asked.key)
        written = to_json(metadata).decode()
        return cls(change, recorded, type_, data, written, headers, message.model_dump_json())


def _append(topic: str, written: Sequence[_Written], at: datetime) -> Statement:
    recorded = [each.recorded for each in written]
    return Statement(
        _APPEND,
        {
            "topic": topic,
            "time": at,
            "keys": Texts(each.key for each in recorded),
            "streams": Texts(each.stream for each in recorded),
            "versions": Texts(str(each.version) for each in recorded),
            "ids": Texts(str(each.id) for each in recorded),
            "types": Texts(each.type for each in written),
            "data": Texts(each.data for each in written),
            "metadata": Texts(each.metadata for each in written),
            "headers": Texts(each.headers for each in written),
            "values": Texts(each.value for each in written),
        },
    )
