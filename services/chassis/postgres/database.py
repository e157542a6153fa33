"""PostgreSQL: one pool, statements written in SQLAlchemy Core and compiled once, run by psycopg."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from prometheus_client import Counter
from psycopg import AsyncCursor, Error
from psycopg.rows import DictRow, tuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import ClauseElement

from services.chassis.postgres import connections, patience, pipeline, poolers
from services.chassis.postgres.connections import WatchedConnection
from services.chassis.postgres.faults import (
    DATABASE_RACES,
    DatabaseUnavailable,
    is_passing,
    refusal_of,
)
from services.chassis.postgres.pipeline import Pipeline, PipelinedTransaction
from services.chassis.postgres.round_trips import count_round_trip

log = structlog.get_logger(__name__)

_DIALECT = psycopg_dialect.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy left it untyped

Connection = connections.Connection
Row = DictRow

# Faults that pass: the work was not refused, it may be tried again. What `connection` and
# `transaction` raise of psycopg's own errors is a refusal, but for the races.
PASSING_FAULTS = (DatabaseUnavailable, *DATABASE_RACES)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as text, ready for psycopg, with the values that were literal in it."""

    text: bytes
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """A prepared statement with its values, to be run with others in one round trip."""

    prepared: Prepared
    values: Mapping[str, Any]


def prepared(statement: Executable) -> Prepared:
    """Compile a Core statement; do this at import, running it later costs no compilation."""
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=_DIALECT)
    defaults = {name: value for name, value in compiled.params.items() if value is not None}
    return Prepared(str(compiled).encode(), defaults)


def sql(text: str) -> Prepared:
    """Prepare hand-written SQL: hot paths, and what Core would make harder to read."""
    return Prepared(text.encode())


async def enqueue(connection: Connection, statement: Prepared, **values: Any) -> None:
    """Add a statement to the transaction's pipeline; its result is discarded.

    It may leave only with the next fetch: an error of it is raised there or at the transaction's
    end, with a note that names this statement. To have it raised here, use `execute`.
    """
    await pipeline.enqueue(connection, [(statement.text, {**statement.defaults, **values})])


def count_at_commit(connection: Connection, counters: Iterable[Counter]) -> None:
    """Count what the transaction does once it is committed."""
    pipeline.count_at_commit(connection, counters)


async def execute(connection: Connection, statement: Prepared, **values: Any) -> None:
    """Execute one statement and wait for it; its error is raised here."""
    await run_all(connection, [Statement(statement, values)])


async def fetch(connection: Connection, statement: Prepared, **values: Any) -> list[Row]:
    """Return all rows."""
    count_round_trip()
    cursor = await _execute(connection, statement, values)
    return await cursor.fetchall()


async def fetch_one(connection: Connection, statement: Prepared, **values: Any) -> Row | None:
    """Return the first row, or None."""
    count_round_trip()
    cursor = await _execute(connection, statement, values)
    return await cursor.fetchone()


async def fetch_each(connection: Connection, *statements: Statement) -> list[list[Row]]:
    """Return the rows of each statement; inside a transaction all in one round trip."""
    count_round_trip()
    cursors = [await _execute(connection, each.prepared, each.values) for each in statements]
    return [await cursor.fetchall() for cursor in cursors]


async def fetch_tuples(connection: Connection, statement: Prepared, **values: Any) -> list[Any]:
    """Return all rows as tuples, carried in binary: for many rows at once."""
    count_round_trip()
    async with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        await cursor.execute(statement.text, {**statement.defaults, **values}, prepare=True)
        return await cursor.fetchall()


async def _execute(
    connection: Connection, statement: Prepared, values: Mapping[str, Any]
) -> AsyncCursor[DictRow]:
    return await connection.execute(statement.text, {**statement.defaults, **values}, prepare=True)


async def enqueue_all(connection: Connection, statements: Iterable[Statement]) -> None:
    """Add statements to the pipeline, as `enqueue` does."""
    await pipeline.enqueue(
        connection,
        [(each.prepared.text, {**each.prepared.defaults, **each.values}) for each in statements],
    )


async def run_all(connection: Connection, statements: Iterable[Statement]) -> None:
    """Run the statements in one round trip and wait for them; the first that fails raises here."""
    async with Pipeline(connection):
        await enqueue_all(connection, statements)


class Database:
    """The connections of one process."""

    def __init__(self, url: str, *, size: int) -> None:
        self.url = url
        self._size = size
        self._pool: AsyncConnectionPool[WatchedConnection] = AsyncConnectionPool(
            url,
            connection_class=WatchedConnection,
            min_size=2,
            max_size=size,
            timeout=5,
            open=False,
            kwargs=connections.arguments(url),
            configure=connections.set_up,
            reconnect_timeout=0,  # after a failed try the pool asks again at the next request
        )
        # Whether the server did not answer when it was asked last.
        self._suspicious = False
        self._checks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the pool without waiting: a database that is down is a readiness matter.

        Raises:
            UnsuitablePooler: there is a pooler in between that does not keep sessions.
        """
        await poolers.check_url(self.url)
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the pool once the borrowed connections are back."""
        for check in self._checks:
            check.cancel()
        await self._pool.close(timeout=5)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit mode.

        Raises:
            DatabaseUnavailable: a fault that passes, met inside or when a connection was asked for.
        """
        try:
            async with self._lent() as connection:
                yield connection
        except Error as error:
            self._raise_unavailable(error)
            raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction, committed at the end.

        What is enqueued inside leaves with the next fetch; its error is raised there or at the end.

        Raises:
            DatabaseUnavailable: as with `connection`.
            DeadlockDetected, SerializationFailure: another transaction was faster.
            VersionConflict, ClaimRefused: the event store's functions refused what was enqueued.
        """
        try:
            async with self._lent() as connection, PipelinedTransaction(connection):
                yield connection
        except Error as error:
            self._raise_unavailable(error)
            if refusal := refusal_of(error):
                raise refusal from error
            raise

    async def listen(self) -> Connection:
        """Open a connection outside the pool, for LISTEN; the caller closes it.

        Raises:
            UnsuitablePooler: there is a pooler in between that does not keep sessions.
        """
        connection = await connections.connect(self.url)
        try:
            await poolers.check_session(connection, self.url)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def ping(self) -> None:
        """Raise if the database does not answer as soon as a request needs it."""
        with patience.for_a_request():
            async with self.connection() as connection:
                await connection.execute("SELECT 1")

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[WatchedConnection]:
        """Lend a connection, and wait for it and for each answer on it no longer than is due."""
        asked_at = time.monotonic()
        due = patience.current(suspicious=self._suspicious)
        try:
            async with self._pool.connection(timeout=due.connection) as connection:
                connection.answer_seconds = patience.answer_seconds(due, asked_at)
                try:
                    yield connection
                except Error:
                    self._suspicious = connection.silent or self._suspicious
                    raise
                self._suspicious = False
        except PoolTimeout:
            self._suspicious = True
            raise

    def _raise_unavailable(self, error: Error) -> None:
        """Raise DatabaseUnavailable if the error passes, except a race, which keeps its class."""
        if is_passing(error) and not isinstance(error, DATABASE_RACES):
            self._discard_broken_connections()
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error

    def _discard_broken_connections(self) -> None:
        """Close the connections that a restart broke, before each of them costs a request."""
        if not self._checks:
            check = asyncio.create_task(self._pool.check())
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)
