"""The event store: streams in a table, appended with expected versions in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import errors
from pydantic_core import to_json

from services.chassis.events.streams import (
    Aggregate,
    AnyCategory,
    AnyChange,
    AnyStream,
    Recorded,
    Stream,
)
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
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import current_cause
from services.chassis.runtime.crash_points import reach

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


class VersionConflict(Exception):
    """Another transaction appended to the stream since it was loaded: load again, decide again."""


class ClaimRefused(Exception):
    """A statement that ran before the append found its claim held by another (SQLSTATE BW002)."""


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

    def find(self, stream: Stream[S, C, E] | None) -> Aggregate[S, C, E] | None:
        """Return one of the streams that were asked for, None for none."""
        return None if stream is None else self.get(stream)


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
# The function is in postgres/schema.py.
_APPEND = sql("""
    SELECT append_events(
        %(topic)s, %(key)s, %(streams)s, %(expected)s::integer[], %(event_streams)s,
        %(versions)s::integer[], %(ids)s::uuid[], %(types)s, %(time)s, %(data)s::jsonb[],
        %(metadata)s::jsonb, %(headers)s, %(values)s)
""")


@dataclass(frozen=True, slots=True)
class StagedEvent:
    """An event with its place, and the kind of stream that says how it is written."""

    category: AnyCategory
    recorded: Recorded[Any]


class EventStore:
    """The streams of one service, published one event to one message on one topic.

    `unique_names` are the database's constraints on names that people choose.
    """

    def __init__(self, topic: str, unique_names: frozenset[str] = frozenset()) -> None:
        self._topic = topic
        self._unique_names = unique_names

    async def load(self, connection: Connection, *streams: AnyStream | None) -> Loaded:
        """Read the streams and the store's clock in one round trip; None is left out."""
        wanted = {stream.name: stream for stream in streams if stream is not None}
        rows = await fetch(connection, _LOAD, streams=list(wanted))
        events: dict[str, list[Any]] = {name: [] for name in wanted}
        versions = dict.fromkeys(wanted, 0)
        for row in rows:
            if (name := row["stream"]) is not None:
                codec = wanted[name].category.codec
                events[name].append(codec.decode(row["type"], row["data"]))
                versions[name] = row["version"]
        aggregates = {
            name: Aggregate(stream, versions[name], stream.category.decider.fold(events[name]))
            for name, stream in wanted.items()
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

        All the streams, those that are only guarded too, belong to `key`: its lock is what makes
        the check of their versions safe. `before` runs before that lock is taken (claims), `after`
        after the projections. Without any event nothing is written or checked, and neither runs.
        The caller owns the transaction.

        Raises:
            VersionConflict: a stream is at another version than `changes` say.
            ClaimRefused: a statement of `before` found its claim held.
            NameTaken: one of `unique_names` is violated.
            ValueError: two changes are of one stream.
        """
        names = [change.aggregate.stream.name for change in changes]
        if len(set(names)) < len(names):
            raise ValueError(f"more than one change of a stream: {sorted(names)}")
        staged = [event for change in changes for event in _staged(key, change, at)]
        if not staged:
            return []
        try:
            async with Pipeline(connection):
                await enqueue_all(connection, before)
                reach("store.claimed")
                await enqueue_all(connection, (*self.statements(key, changes, staged, at), *after))
        except errors.DatabaseError as error:
            if meaning := self._meaning_of(error):
                raise meaning from error
            raise
        reach("store.appended")
        for event in staged:
            telemetry.APPENDED.labels(type(event.recorded.event).__name__).inc()
        return [event.recorded for event in staged]

    def statements(
        self,
        key: str,
        changes: Sequence[AnyChange],
        staged: Sequence[StagedEvent],
        at: datetime,
    ) -> list[Statement]:
        """Return what an append runs: the append itself, then the read models."""
        append = Statement(_APPEND, self._values(key, changes, staged, at))
        projected = [
            statement for event in staged for statement in event.category.project(event.recorded)
        ]
        return [append, *projected]

    def _values(
        self,
        key: str,
        changes: Sequence[AnyChange],
        staged: Sequence[StagedEvent],
        at: datetime,
    ) -> dict[str, Any]:
        cause = current_cause()
        recorded = [event.recorded for event in staged]
        encoded = [event.category.codec.encode(event.recorded.event) for event in staged]
        messages = [event.category.publish(event.recorded) for event in staged]
        headers = [
            headers_of(message, id_=each.id, at=at, cause=cause, key=key)
            for message, each in zip(messages, recorded, strict=True)
        ]
        # Lists as text[], cast to their own types by the statement: see postgres/arrays.py.
        return {
            "topic": self._topic,
            "key": key,
            "streams": Texts(change.aggregate.stream.name for change in changes),
            "expected": Texts(str(change.aggregate.version) for change in changes),
            "event_streams": Texts(each.stream for each in recorded),
            "versions": Texts(str(each.version) for each in recorded),
            "ids": Texts(str(each.id) for each in recorded),
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

    def _meaning_of(self, error: errors.DatabaseError) -> Exception | None:
        """Return what the database's refusal means here; None if nothing of its own."""
        match error.sqlstate, error.diag.constraint_name:
            case ("BW001", _) | ("23505", "events_stream_version_key"):
                return VersionConflict(error.diag.message_primary)
            case "BW002", _:
                return ClaimRefused()
            case "23505", str(constraint) if constraint in self._unique_names:
                return NameTaken(constraint)
            case _:
                return None


def _staged(key: str, change: AnyChange, at: datetime) -> list[StagedEvent]:
    stream, version = change.aggregate.stream, change.aggregate.version
    return [
        StagedEvent(stream.category, Recorded(new_id(), stream.name, version + n, key, at, event))
        for n, event in enumerate(change.events, start=1)
    ]
