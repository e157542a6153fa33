"""A pooler that hands out a session for one transaction only: found at the start, and refused."""

import asyncio
import secrets
from contextlib import suppress

import structlog
from psycopg import Error
from psycopg.errors import ProtocolViolation

from services.chassis.postgres.connections import Connection, connect

log = structlog.get_logger(__name__)

SECONDS = 5.0

REFUSAL = (
    "BOOKWITH_DATABASE_URL leads to a pooler in transaction mode: LISTEN, prepared statements and"
    " session settings are lost there. Name PostgreSQL itself, or let the pooler keep sessions"
    " (PgBouncer: pool_mode = session)."
)
_SET = "SELECT set_config('bookwith.session', %s, false)"
_GET = "SELECT coalesce(current_setting('bookwith.session', true), '') AS mark"


class UnsuitablePooler(Exception):
    """The database is behind a pooler that does not keep sessions."""

    def __init__(self) -> None:
        super().__init__(REFUSAL)


async def check_session(connection: Connection, url: str) -> None:
    """Raise UnsuitablePooler unless the connection keeps its session between transactions."""
    cursor = await connection.execute("SELECT pg_backend_pid() AS pid")
    row = await cursor.fetchone()
    if row is not None and row["pid"] == connection.info.backend_pid:
        return  # PostgreSQL itself: a pooler gives numbers of its own
    mark = secrets.token_hex(8)
    await connection.execute(_SET, [mark])
    other = await connect(url)
    try:
        # Both at once: the other's transaction gets the session that was free last.
        async with other.transaction():
            lost = await _mark(other) == mark or await _mark(connection) != mark
    except ProtocolViolation:  # a pooler that hands out sessions for one statement only
        lost = True
    finally:
        await other.close()
    await connection.execute(_SET, [""])
    if lost:
        log.error("unsuitable_pooler", reason=REFUSAL)
        raise UnsuitablePooler


async def check_url(url: str) -> None:
    """Raise UnsuitablePooler if the URL leads to one; a database that is away tells nothing."""
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(SECONDS):
            connection = await connect(url)
            try:
                await check_session(connection, url)
            finally:
                await connection.close()


async def _mark(connection: Connection) -> str:
    row = await (await connection.execute(_GET)).fetchone()
    return str(row["mark"]) if row else ""
