"""The directory's rows: the only place where policy keeps names and addresses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.chassis.postgres.database import Connection, Row, enqueue, fetch, fetch_one, sql
from services.policy.directory.entries import Description, Entry, described, key_of

_COLUMNS = "id, user_name, display_name, mail, external_id, source, since, changed_at, version"
_READ = sql(f"SELECT {_COLUMNS} FROM directory WHERE id = ANY(%(ids)s::uuid[])")  # noqa: S608
_NAMED = sql(f"SELECT {_COLUMNS} FROM directory WHERE source = 'scim' AND user_key = %(key)s")  # noqa: S608
# Of two that write at once, the source that is believed more stays.
_WRITE = sql("""
    INSERT INTO directory AS d
        (id, user_name, user_key, display_name, mail, external_id, source, search, sort_name)
    SELECT r.id, r.user_name, r.user_key, r.display_name, r.mail, r.external_id, r.source,
        r.search, r.sort_name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id uuid, user_name text, user_key text,
        display_name text, mail text, external_id text, source text, search text, sort_name text)
    ORDER BY r.id
    ON CONFLICT (id) DO UPDATE SET
        user_name = excluded.user_name, user_key = excluded.user_key,
        display_name = excluded.display_name, mail = excluded.mail,
        external_id = excluded.external_id, source = excluded.source, search = excluded.search,
        sort_name = excluded.sort_name, version = d.version + 1, changed_at = clock_timestamp()
    WHERE array_position(ARRAY['sign_in', 'csv', 'graph', 'scim'], d.source)
        <= array_position(ARRAY['sign_in', 'csv', 'graph', 'scim'], excluded.source)
""")
_SEEN = sql("""
    UPDATE directory SET changed_at = clock_timestamp()
    WHERE id = ANY(%(ids)s::uuid[]) AND source = 'graph'
""")
_ERASE = sql("DELETE FROM directory WHERE id = %(id)s RETURNING id")
_ALONE = sql("SELECT pg_advisory_xact_lock(7236520)")


async def lock_names(connection: Connection) -> None:
    """Let no other transaction give a user a name that is to be unique until this one ends."""
    await enqueue(connection, _ALONE)


async def entries_of(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Entry]:
    """Return those of the users that are in the directory."""
    rows = await fetch(connection, _READ, ids=list(ids))
    return {row["id"]: entry_of(row) for row in rows}


async def entry_named(connection: Connection, user_name: str) -> Entry | None:
    """Return the user of that name among those that are provisioned."""
    row = await fetch_one(connection, _NAMED, key=key_of(user_name))
    return entry_of(row) if row else None


async def describe(connection: Connection, said: Sequence[Description]) -> None:
    """Keep what a source says of users, each named once."""
    known = await entries_of(connection, [each.id for each in said])
    changed = [described(known.get(each.id), each) for each in said]
    rows = [_row(each) for each in changed if each is not None]
    if rows:
        await enqueue(connection, _WRITE, rows=json.dumps(rows))


async def keep(connection: Connection, said: Description) -> None:
    """Keep all that the source says of a user, and that it was said now."""
    await enqueue(connection, _WRITE, rows=json.dumps([_row(said)]))


async def note_seen(connection: Connection, ids: Sequence[UUID]) -> None:
    """Keep that the users were told of now, also where nothing has changed."""
    await enqueue(connection, _SEEN, ids=list(ids))


async def erase(connection: Connection, user_id: UUID) -> bool:
    """Forget the user's names and addresses; return whether there were any."""
    return await fetch_one(connection, _ERASE, id=user_id) is not None


def entry_of(row: Row) -> Entry:
    """Return the entry that a row is."""
    names = ("id", "user_name", "display_name", "mail", "external_id", "source")
    return Entry(
        **{name: row[name] for name in names},
        since=row["since"],
        changed_at=row["changed_at"],
        version=row["version"],
    )


def _row(description: Description) -> dict[str, Any]:
    names = [description.display_name, description.user_name, description.mail]
    said = [key_of(each) for each in names if each]
    return {
        **asdict(description),
        "id": str(description.id),
        "user_key": key_of(description.user_name) if description.user_name else None,
        "search": "\n".join(said),
        "sort_name": said[0] if said else "",
    }
