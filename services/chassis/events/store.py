"""The event store: streams in a table, appended with expected versions in one round trip."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import errors
from pydantic_core import to_json

from services.chassis.events.streams import Aggregate, AnyChange, AnyStream, Recorded, Stream
from services.chassis.ids import new_id
from services.chassis.messaging.outbox import headers_of
from services.chassis.postgres.arrays import Texts
from services.chassis.postgres.database import (
    Connection,
    Statement,
    enqueue,
    enqueue_all,
    fetch,
    fetch_one,
    sql,
)
from services.chassis.postgres.pipeline import Pipeline
from services.chassis.runtime.cause import current_cause
from services.chassis.runtime.crash_points import reach

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


class VersionConflict(Exception):
    """Somebody appended to the stream since it was loaded; load again and decide again."""


class ClaimRefused(Exception):
    """A statement that ran ahead of the append found its claim held by somebody else (BW002)."""


class NameTaken(Exception):
    """A name that must be unique is in use; `constraint` says which."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Loaded:
    """Streams read in one round trip, each folded once, with the store's clock at that moment."""

    def __init__(self, now: datetime, aggregates: Mapping[str, Aggregate[Any, Any, Any]]) -> None:
        self.now = now
        self._aggregates = aggregates

    def get(self, stream: Stream[S, C, E]) -> Aggregate[S, C, E]:
        """Return one of the streams that were asked for; KeyError for another."""
        found: Aggregate[S, C, E] = self._aggregates[stream.name]
        return found


_LOAD = sql("""
    SELECT clock.now, e.stream, e.version, e.type, e.data::text AS data
    FROM (SELECT clock_timestamp() AS now) AS clock
    LEFT JOIN events e ON e.stream = ANY(%(streams)s)
    ORDER BY e.stream, e.version
""")
_LOCK = sql("""
    INSERT INTO sequences AS s (topic, key, last) VALUES (%(topic)s, %(key)s, 0)
    ON CONFLICT (topic, key) DO UPDATE SET last = s.last
""")
_NEWEST = sql("""
    SELECT id FROM events WHERE stream = %(stream)s AND type = %(type)s
    ORDER BY version DESC LIMIT 1
""")
_APPEND = sql("""
    SELECT append_events(
        %(topic)s, %(key)s, %(streams)s, %(expected)s::integer[], %(event_streams)s,
        %(versions)s::integer[], %(ids)s::uuid[], %(types)s, %(time)s, %(data)s::jsonb[],
        %(metadata)s::jsonb, %(headers)s, %(values)s)
""")


class EventStore:
    """The streams of one service, published one event to one message on one topic."""

    def __init__(self, topic: str) -> None:
        self._topic = topic

    async def load(self, connection: Connection, *streams: AnyStream) -> Loaded:
        """Read the streams and the store's clock in one round trip."""
        rows = await fetch(connection, _LOAD, streams=[stream.name for stream in streams])
        events: dict[str, list[Any]] = {stream.name: [] for stream in streams}
        versions = dict.fromkeys(events, 0)
        codecs = {stream.name: stream.category.codec for stream in streams}
        for row in rows:
            if (name := row["stream"]) is not None:
                events[name].append(codecs[name].decode(row["type"], row["data"]))
                versions[name] = row["version"]
        aggregates = {
            stream.name: Aggregate(
                stream,
                versions[stream.name],
                stream.category.decider.fold(events[stream.name]),
            )
            for stream in streams
        }
        return Loaded(rows[0]["now"], aggregates)

    async def newest(
        self, connection: Connection, stream: AnyStream, kind: type[object]
    ) -> UUID | None:
        """Return the id of the stream's newest event of a kind: what an answer may refer to."""
        row = await fetch_one(connection, _NEWEST, stream=stream.name, type=kind.__name__)
        return row["id"] if row else None

    async def lock(self, connection: Connection, key: str) -> None:
        """Hold the key's lock, before reading a set of its streams that must not grow meanwhile."""
        await enqueue(connection, _LOCK, topic=self._topic, key=key)

    async def append(
        self,
        connection: Connection,
        key: str,
        changes: Sequence[AnyChange],
        *,
        at: datetime,
        before: Sequence[Statement] = (),
        after: Sequence[Statement] = (),
    ) -> list[Recorded[Any]]:
        """Append in one round trip what `changes` hold, with its messages and read models.

        `before` runs ahead of the key's lock (claims), `after` behind the projections. The caller
        owns the transaction. Raises VersionConflict; with no event at all nothing is written.
        """
        recorded = [_recorded(key, change, at) for change in changes]
        if not any(recorded):
            return []
        try:
            async with Pipeline(connection):
                await enqueue_all(connection, before)
                reach("store.claimed")
                await enqueue_all(
                    connection, (*self.statements(key, changes, recorded, at), *after)
                )
        except errors.DatabaseError as error:
            if meaning := _meaning_of(error):
                raise meaning from error
            raise
        reach("store.appended")
        return [each for of_stream in recorded for each in of_stream]

    def statements(
        self,
        key: str,
        changes: Sequence[AnyChange],
        recorded: Sequence[Sequence[Recorded[Any]]],
        at: datetime,
    ) -> list[Statement]:
        """Return what an append runs: the append itself, then the read models."""
        append = Statement(_APPEND, self._values(key, changes, recorded, at))
        projected = [
            statement
            for change, of_stream in zip(changes, recorded, strict=True)
            for each in of_stream
            for statement in change.aggregate.stream.category.project(each)
        ]
        return [append, *projected]

    def _values(
        self,
        key: str,
        changes: Sequence[AnyChange],
        recorded: Sequence[Sequence[Recorded[Any]]],
        at: datetime,
    ) -> dict[str, Any]:
        cause = current_cause()
        placed = [
            (change.aggregate.stream.category, each)
            for change, of_stream in zip(changes, recorded, strict=True)
            for each in of_stream
        ]
        encoded = [category.codec.encode(each.event) for category, each in placed]
        messages = [category.publish(each) for category, each in placed]
        headers = [
            headers_of(message, id_=each.id, at=at, cause=cause, key=key)
            for message, (_, each) in zip(messages, placed, strict=True)
        ]
        return {
            "topic": self._topic,
            "key": key,
            "streams": Texts(change.aggregate.stream.name for change in changes),
            "expected": Texts(str(change.aggregate.version) for change in changes),
            "event_streams": Texts(each.stream for _, each in placed),
            "versions": Texts(str(each.version) for _, each in placed),
            "ids": Texts(str(each.id) for _, each in placed),
            "types": Texts(name for name, _ in encoded),
            "time": at,
            "data": Texts(data for _, data in encoded),
            "metadata": to_json(
                {
                    "correlation_id": cause.correlation_id,
                    "causation_id": cause.causation_id,
                    "actor": cause.actor,
                    "traceparent": cause.traceparent,
                }
            ).decode(),
            "headers": Texts(headers),
            "values": Texts(message.model_dump_json() for message in messages),
        }


def _recorded(key: str, change: AnyChange, at: datetime) -> list[Recorded[Any]]:
    stream, version = change.aggregate.stream.name, change.aggregate.version
    return [
        Recorded(new_id(), stream, version + n, key, at, event)
        for n, event in enumerate(change.events, start=1)
    ]


def _meaning_of(error: errors.DatabaseError) -> Exception | None:
    """Return what the database's refusal means here; None if nothing of its own."""
    match error.sqlstate, error.diag.constraint_name:
        case ("BW001", _) | ("23505", "events_stream_version_key"):
            return VersionConflict()
        case "BW002", _:
            return ClaimRefused()
        case "23505", str(constraint):
            return NameTaken(constraint)
        case _:
            return None
