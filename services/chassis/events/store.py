"""The event store: streams in a table, appended with expected versions at a transaction's end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.chassis.events.loading import Loaded, events_of
from services.chassis.events.streams import (
    AnyCategory,
    AnyChange,
    AnyStream,
    Recorded,
)
from services.chassis.ids import new_id
from services.chassis.messaging.outbox import headers_of
from services.chassis.postgres.arrays import Texts
from services.chassis.postgres.database import (
    Connection,
    Statement,
    count_at_commit,
    enqueue,
    enqueue_all,
    fetch_one,
    sql,
)
from services.chassis.runtime import telemetry
from services.chassis.runtime.cause import current_cause
from services.chassis.runtime.crash_points import reach

_LOAD = sql(events_of("%(streams)s::text[]"))
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


@dataclass(frozen=True, slots=True)
class Append:
    """What an append runs: claims first, then the append itself and its read models.

    `expects` names what must be as it was when it was loaded: its streams, and what it claims.
    `changes` names what is not so any more behind it.
    """

    key: str
    order: str = ""
    expects: Collection[str] = ()
    changes: Collection[str] = ()
    before: tuple[Statement, ...] = ()
    types: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


async def enqueue_appends(connection: Connection, appends: Sequence[Append]) -> None:
    """Add the appends to the transaction.

    All claims come before all locks, and both in the order of their keys: so do no two
    transactions wait for each other.
    """
    ordered = sorted(appends, key=lambda append: (append.key, append.order))
    await enqueue_all(connection, (each for append in ordered for each in append.before))
    reach("store.claimed")
    await enqueue_all(connection, (each for append in ordered for each in append.statements))
    reach("store.appended")
    types = (name for append in ordered for name in append.types)
    count_at_commit(connection, map(telemetry.APPENDED.labels, types))


class EventStore:
    """The streams of one service, published one event to one message on one topic.

    `noted` returns what is kept with each event, and not published, beside its cause.
    """

    def __init__(self, topic: str, noted: Callable[[], Mapping[str, object]] = dict) -> None:
        self._topic = topic
        self._noted = noted

    async def load(self, connection: Connection, *streams: AnyStream | None) -> Loaded:
        """Read the streams and the store's clock in one round trip; None is left out."""
        names = [stream.name for stream in streams if stream is not None]
        row = await fetch_one(connection, _LOAD, streams=names)
        assert row is not None
        return Loaded(row)

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
    ) -> None:
        """Append within the caller's transaction: see `prepare`.

        All leaves with the transaction's next fetch, or with its COMMIT. There VersionConflict is
        raised when a stream is at another version (postgres/faults.py).
        """
        append = self.prepare(key, changes, at=at, before=before, after=after)
        await enqueue_appends(connection, [append])

    def prepare(
        self,
        key: str,
        changes: Sequence[AnyChange],
        *,
        at: datetime,
        before: Sequence[Statement] = (),
        after: Sequence[Statement] = (),
        order: str = "",
        claims: Collection[str] = (),
    ) -> Append:
        """Return what appends the changes, with their messages and read models.

        All the streams, those that are only guarded too, belong to `key`: its lock is what makes
        the check of their versions safe. `before` runs before that lock is taken (claims, which
        `order` sorts among those of a key and `claims` names), `after` after the projections.
        Without any event nothing is written or checked, and neither runs.

        Raises:
            ValueError: two changes are of one stream.
        """
        names = [change.aggregate.stream.name for change in changes]
        if len(set(names)) < len(names):
            raise ValueError(f"more than one change of a stream: {sorted(names)}")
        staged = [event for change in changes for event in _staged(key, change, at)]
        if not staged:
            return Append(key)
        return Append(
            key=key,
            order=order,
            expects=(*names, *claims),
            changes=(*{each.recorded.stream for each in staged}, *claims),
            before=tuple(before),
            types=tuple(type(each.recorded.event).__name__ for each in staged),
            statements=(*self.statements(key, changes, staged, at), *after),
        )

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
                    "commands": {
                        change.aggregate.stream.name: list(change.commands)
                        for change in changes
                        if change.events
                    },
                    **self._noted(),
                }
            ).decode(),
            "headers": Texts(headers),
            "values": Texts(message.model_dump_json() for message in messages),
        }


def _staged(key: str, change: AnyChange, at: datetime) -> list[StagedEvent]:
    stream, version = change.aggregate.stream, change.aggregate.version
    return [
        StagedEvent(stream.category, Recorded(new_id(), stream.name, version + n, key, at, event))
        for n, event in enumerate(change.events, start=1)
    ]
