"""What policy's tables are asked: users by their settings, and streams as of a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from services.chassis.events.loading import Loaded
from services.chassis.events.streams import AnyStream
from services.chassis.postgres.arrays import Texts
from services.chassis.postgres.database import Connection, fetch, fetch_one, fetch_tuples, sql
from services.policy.domain.settings import UserSettings
from services.policy.tables import SETTINGS

_GROUPS = sql("SELECT settings::text, count(*) FROM users GROUP BY settings")
_OF_GROUPS = sql("""
    SELECT id FROM users WHERE settings = ANY(%(groups)s::jsonb[]) ORDER BY id LIMIT %(limit)s
""")
_AFTER = sql("""
    SELECT id, settings::text AS settings, enabled FROM users WHERE id > %(cursor)s
    ORDER BY id LIMIT %(limit)s
""")
_CAUSE = sql("""
    SELECT id::text, metadata ->> 'correlation_id' AS correlation_id FROM events
    WHERE stream = %(stream)s AND version = %(version)s
""")
_UNTIL = sql("""
    SELECT %(streams)s::text[] AS stream_names, array_agg(o.stream) AS event_streams,
        array_agg(o.version) AS event_versions, array_agg(o.type) AS event_types,
        array_agg(o.data) AS event_data, %(moment)s::timestamptz AS now
    FROM (
        SELECT e.stream, e.version, e.type, e.data::text AS data FROM events e
        WHERE e.stream = ANY(%(streams)s::text[]) AND e.time <= %(moment)s
        ORDER BY e.stream, e.version
    ) AS o
""")


@dataclass(frozen=True, slots=True)
class Group:
    """All users with the same settings; `key` is how the table writes these."""

    key: str
    settings: UserSettings
    users: int


@dataclass(frozen=True, slots=True)
class KnownUser:
    """A user's settings, and what was decided last."""

    id: UUID
    settings: UserSettings
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class CausingEvent:
    """The event that a run over all users is the consequence of."""

    id: str
    correlation_id: str


async def groups_of_users(connection: Connection) -> list[Group]:
    """Return all known users by their settings."""
    rows = await fetch_tuples(connection, _GROUPS)
    return [Group(key, settings_of(key), count) for key, count in rows]


async def users_of_groups(
    connection: Connection, groups: Sequence[Group], limit: int
) -> list[UUID]:
    """Return the first users of the groups, by id."""
    keys = Texts(group.key for group in groups)
    rows = await fetch(connection, _OF_GROUPS, groups=keys, limit=limit)
    return [row["id"] for row in rows]


async def users_after(connection: Connection, cursor: UUID, limit: int) -> list[KnownUser]:
    """Return the known users after the cursor, by id."""
    rows = await fetch(connection, _AFTER, cursor=cursor, limit=limit)
    return [KnownUser(row["id"], settings_of(row["settings"]), row["enabled"]) for row in rows]


async def cause_of(connection: Connection, stream: AnyStream, version: int) -> CausingEvent | None:
    """Return the event of that version."""
    row = await fetch_one(connection, _CAUSE, stream=stream.name, version=version)
    return CausingEvent(row["id"], row["correlation_id"]) if row else None


async def load_as_of(connection: Connection, moment: datetime, *streams: AnyStream) -> Loaded:
    """Return the streams as they were at that moment."""
    names = [stream.name for stream in streams]
    row = await fetch_one(connection, _UNTIL, streams=names, moment=moment)
    assert row is not None
    return Loaded(row)


@lru_cache(maxsize=4096)
def settings_of(text: str) -> UserSettings:
    """Return the settings that the table holds."""
    return SETTINGS.validate_json(text)
