"""Connections to PostgreSQL: how they are made, and an end for each wait for the server."""

import asyncio
import os
import socket
from contextlib import suppress
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row

from services.chassis.postgres.patience import WORK

log = structlog.get_logger(__name__)

Connection = AsyncConnection[DictRow]

# What libpq waits for; the URL may say otherwise. A line that went silent is noticed within
# 20 seconds on a connection that only listens.
_TRANSPORT: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# Set by a statement: a pooler takes no start-up options. Instants come back in UTC, whatever the
# database's zone: adding to others counts wall-clock time. The rest ends what a client has left.
_SESSION = {
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "20s",
    "client_connection_check_interval": "2s",
}
_SET_UP = "SELECT " + ", ".join(
    f"set_config('{name}', '{value}', false)" for name, value in _SESSION.items()
)


class WatchedConnection(AsyncConnection[DictRow]):
    """A connection that is cut when the server does not answer in time.

    Not cancelled: psycopg then asks the server to cancel, and waits for that as well.
    """

    # How long each answer may take; whoever lends the connection sets it.
    answer_seconds: float = WORK.answer
    silent: bool = False

    async def wait(self, gen: PQGen[Any], *given: Any, **named: Any) -> Any:
        """Wait for the server as psycopg does, but not for ever."""
        timer = asyncio.get_running_loop().call_later(self.answer_seconds, self._cut)
        try:
            return await super().wait(gen, *given, **named)
        finally:
            timer.cancel()

    def _cut(self) -> None:
        self.silent = True
        log.warning("database_silent", seconds=self.answer_seconds)
        with suppress(OSError), socket.socket(fileno=os.dup(self.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


def arguments(url: str) -> dict[str, Any]:
    """Return what a connection is made with, besides the URL."""
    said = conninfo_to_dict(url)
    transport = {name: value for name, value in _TRANSPORT.items() if name not in said}
    return {**transport, "autocommit": True, "row_factory": dict_row}


async def set_up(connection: AsyncConnection[Any]) -> None:
    """Give a new session its settings."""
    await connection.execute(_SET_UP)


async def connect(url: str) -> Connection:
    """Open a connection outside the pool; the caller closes it."""
    connection = await AsyncConnection.connect(url, **arguments(url))
    try:
        await set_up(connection)
    except BaseException:
        await connection.close()
        raise
    return connection
