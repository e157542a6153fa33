"""How far Microsoft Graph has been read, and the users that are known from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.postgres.database import Connection, enqueue, fetch, fetch_one, sql

_READ = sql("SELECT link, is_last, began_at FROM graph_state WHERE tenant = %(tenant)s")
_TAKE = sql("SELECT link, is_last, began_at FROM graph_state WHERE tenant = %(tenant)s FOR UPDATE")
_BEGIN = sql("""
    INSERT INTO graph_state (tenant, began_at) VALUES (%(tenant)s, clock_timestamp())
    ON CONFLICT (tenant) DO NOTHING
""")
_RESET = sql("""
    UPDATE graph_state SET link = NULL, is_last = false, began_at = clock_timestamp()
    WHERE tenant = %(tenant)s AND link = %(link)s
""")
_KEEP = sql("""
    UPDATE graph_state SET link = %(link)s, is_last = %(is_last)s,
        began_at = CASE WHEN %(is_last)s THEN NULL ELSE began_at END
    WHERE tenant = %(tenant)s
""")
_OF_IDS = sql("""
    SELECT id, external_id FROM directory
    WHERE source = 'graph' AND external_id = ANY(%(ids)s::text[])
""")
_UNSEEN = sql("SELECT id FROM directory WHERE source = 'graph' AND changed_at < %(began_at)s")
_SEEN = sql("""
    SELECT 1 FROM directory WHERE source = 'graph' AND changed_at >= %(began_at)s LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class GraphState:
    """The link to go on from; `began_at` is set while everything is read, from the beginning."""

    link: str | None = None
    is_last: bool = False
    began_at: datetime | None = None


async def graph_state(connection: Connection, tenant: str, *, take: bool = False) -> GraphState:
    """Return how far the tenant has been read; with `take` nobody else goes on meanwhile."""
    if take:
        await enqueue(connection, _BEGIN, tenant=tenant)
    row = await fetch_one(connection, _TAKE if take else _READ, tenant=tenant)
    return GraphState(row["link"], row["is_last"], row["began_at"]) if row else GraphState()


async def keep_link(connection: Connection, tenant: str, link: str, *, is_last: bool) -> None:
    """Go on from this link the next time."""
    await enqueue(connection, _KEEP, tenant=tenant, link=link, is_last=is_last)


async def start_again(connection: Connection, tenant: str, link: str) -> None:
    """Begin from the beginning, unless somebody has come further meanwhile."""
    await enqueue(connection, _RESET, tenant=tenant, link=link)


async def known_from_graph(connection: Connection, ids: Sequence[str]) -> dict[str, UUID]:
    """Return the users by what Graph calls them."""
    rows = await fetch(connection, _OF_IDS, ids=list(ids))
    return {row["external_id"]: row["id"] for row in rows}


async def unseen_since(connection: Connection, began_at: datetime) -> list[UUID]:
    """Return who was known from Graph and was in no page since; nobody where nobody was."""
    seen = await fetch_one(connection, _SEEN, began_at=began_at)
    if seen is None:
        return []
    return [row["id"] for row in await fetch(connection, _UNSEEN, began_at=began_at)]
