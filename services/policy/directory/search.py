"""Users found by a part of their name, mail address or user name, with their state; in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chassis.ids import FIRST, parse_id
from services.chassis.postgres.database import Connection, Row, fetch, sql
from services.policy.directory.entries import Entry, key_of
from services.policy.directory.records import entry_of
from services.policy.domain.settings import UserSettings
from services.policy.tables import SETTINGS

# By name; the cursor is the last user's id. Who was never described comes first, by id.
_ALL = """
    SELECT u.id, u.settings::text AS settings, u.enabled, d.user_name, d.display_name, d.mail,
        d.external_id, d.source, d.since, d.changed_at, d.version
    FROM users u LEFT JOIN directory d USING (id)
    WHERE (%(enabled)s::boolean IS NULL OR u.enabled = %(enabled)s)
        AND (%(cursor)s::uuid IS NULL OR (coalesce(d.sort_name, ''), u.id) > (
            SELECT coalesce(max(c.sort_name), ''), %(cursor)s FROM directory c
            WHERE c.id = %(cursor)s))
        {found}
    ORDER BY coalesce(d.sort_name, ''), u.id
    LIMIT %(limit)s
"""
# A union, not a condition with OR: that would read every user instead of the index.
_FOUND = """AND u.id IN (
            SELECT id FROM directory WHERE search LIKE %(pattern)s
            UNION SELECT %(id)s::uuid)"""
LIST = sql(_ALL.format(found=""))
FIND = sql(_ALL.format(found=_FOUND))
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUser:
    """A known user: settings, what was decided last, and how the directory describes them."""

    id: UUID
    settings: UserSettings
    enabled: bool | None
    entry: Entry | None


async def find_users(
    connection: Connection,
    text: str = "",
    *,
    enabled: bool | None = None,
    cursor: UUID | None = None,
    limit: int = 50,
) -> Sequence[FoundUser]:
    """Return the known users whose description has the text, by name, after the cursor.

    An id finds its user too. `enabled` takes those whose page was last decided so.
    """
    wanted = text.strip()[:LONGEST_SEARCH]
    if "\0" in wanted:  # PostgreSQL has no text with it
        return []
    after = None if cursor == FIRST else cursor
    values = {"enabled": enabled, "cursor": after, "limit": limit}
    if not wanted:
        return [_found(row) for row in await fetch(connection, LIST, **values)]
    pattern = f"%{_literal(key_of(wanted))}%"
    rows = await fetch(connection, FIND, pattern=pattern, id=parse_id(wanted), **values)
    return [_found(row) for row in rows]


def _literal(text: str) -> str:
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return text


def _found(row: Row) -> FoundUser:
    return FoundUser(
        id=row["id"],
        settings=SETTINGS.validate_json(row["settings"]),
        enabled=row["enabled"],
        entry=entry_of(row) if row["source"] else None,
    )
