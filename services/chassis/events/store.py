"""The event store: streams in a table, appended with expected versions in one round trip."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import errors
from pydantic_core import to_json

from contracts.event import ContractEvent
from services.chassis.events.codec import Codec
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


class VersionMismatch(Exception):
    """The caller wants to change a version that is no longer the newest."""


@dataclass(frozen=True, slots=True)
class Category(Generic[S, E]):
    """A kind of aggregate: the name its streams begin with, and its decider's state and fold."""

    name: str
    initial: S
    evolve: Callable[[S, E], S]

    def stream(self, id_: UUID | str | None = None) -> str:
        """Return the stream's id, `name-id`, or the bare name of a single one."""
        return f"{self.name}-{id_}" if id_ is not None else self.name


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S, E]):
    """A loaded stream: its folded state at a version."""

    stream: str
    version: int
    state: S

    def must_be_at(self, expected: int | None, events: Sequence[E]) -> None:
        """Raise VersionMismatch when the caller has read another version; None has read any.

        Without events it is done already, perhaps by the request that this one repeats.
        """
        if events and expected not in (None, self.version):
            raise VersionMismatch

    def after(self, category: Category[S, E], events: Sequence[E]) -> "Aggregate[S, E]":
        """Return the aggregate as it is once the events are appended."""
        state = self.state
        for event in events:
            state = category.evolve(state, event)
        return Aggregate(self.stream, self.version + len(events), state)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event with its place in its stream: what translate and projections read."""

    id: UUID
    stream: str
    version: int
    key: str
    time: datetime
    event: E

    @property
    def subject(self) -> str:
        """The aggregate's id."""
        return self.stream.partition("-")[2] or self.stream


@dataclass(frozen=True, slots=True)
class Change(Generic[S, E]):
    """Events for one stream; with none it only guards the stream's version."""

    aggregate: Aggregate[S, E]
    events: Sequence[E] = ()


class Loaded:
    """Streams read in one round trip, with the store's clock at that moment."""

    def __init__(self, now: datetime, rows: Mapping[str, list[tuple[int, Any]]]) -> None:
        self.now = now
        self._rows = rows

    def get(self, category: Category[S, E], id_: UUID | str | None = None) -> Aggregate[S, E]:
        """Fold one of the streams that were asked for."""
        stream = category.stream(id_)
        state, version = category.initial, 0
        for version, event in self._rows.get(stream, ()):  # noqa: B007 -- the last one stays
            state = category.evolve(state, event)
        return Aggregate(stream, version, state)


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

    def __init__(
        self,
        topic: str,
        codec: Codec,
        translate: Callable[[Recorded[Any]], ContractEvent],
        project: Callable[[Recorded[Any]], Iterable[Statement]] = lambda _: (),
    ) -> None:
        self._topic = topic
        self._codec = codec
        self._translate = translate
        self._project = project

    async def load(self, connection: Connection, *streams: str) -> Loaded:
        """Read the streams and the store's clock in one round trip."""
        rows = await fetch(connection, _LOAD, streams=list(streams))
        found: dict[str, list[tuple[int, Any]]] = {}
        for row in rows:
            if row["stream"] is not None:
                event = self._codec.decode(row["type"], row["data"])
                found.setdefault(row["stream"], []).append((row["version"], event))
        return Loaded(rows[0]["now"], found)

    async def newest(self, connection: Connection, stream: str, kind: type[object]) -> UUID | None:
        """Return the id of the stream's newest event of a kind: what an answer may refer to."""
        row = await fetch_one(connection, _NEWEST, stream=stream, type=kind.__name__)
        return row["id"] if row else None

    async def lock(self, connection: Connection, key: str) -> None:
        """Hold the key's lock, before reading a set of its streams that must not grow meanwhile."""
        await enqueue(connection, _LOCK, topic=self._topic, key=key)

    async def append(
        self,
        connection: Connection,
        key: str,
        changes: Sequence[Change[Any, Any]],
        *,
        at: datetime,
        before: Sequence[Statement] = (),
        after: Sequence[Statement] = (),
    ) -> list[Recorded[Any]]:
        """Append in one round trip what `changes` hold, with its messages and read models.

        `before` runs ahead of the key's lock (claims), `after` behind the projections. The caller
        owns the transaction. Raises VersionConflict; with no event at all nothing is written.
        """
        recorded = _recorded(key, changes, at)
        if not recorded:
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
        return recorded

    def statements(
        self,
        key: str,
        changes: Sequence[Change[Any, Any]],
        recorded: Sequence[Recorded[Any]],
        at: datetime,
    ) -> list[Statement]:
        """Return what an append runs: the append itself, then the read models."""
        append = Statement(_APPEND, self._values(key, changes, recorded, at))
        return [append, *(projected for each in recorded for projected in self._project(each))]

    def _values(
        self,
        key: str,
        changes: Sequence[Change[Any, Any]],
        recorded: Sequence[Recorded[Any]],
        at: datetime,
    ) -> dict[str, Any]:
        cause = current_cause()
        encoded = [self._codec.encode(each.event) for each in recorded]
        messages = [self._translate(each) for each in recorded]
        headers = [
            headers_of(message, id_=each.id, at=at, cause=cause, key=key)
            for message, each in zip(messages, recorded, strict=True)
        ]
        return {
            "topic": self._topic,
            "key": key,
            "streams": Texts(change.aggregate.stream for change in changes),
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


def _recorded(key: str, changes: Sequence[Change[Any, Any]], at: datetime) -> list[Recorded[Any]]:
    return [
        Recorded(new_id(), change.aggregate.stream, change.aggregate.version + n, key, at, event)
        for change in changes
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
