"""Bursts: the statements of a round trip sent together, BEGIN with the first of them.

psycopg's own pipeline sends each statement alone, and waits after BEGIN and at every nesting.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline
from psycopg.abc import PQGen

# So many statements wait for one another; past that PostgreSQL starts while more are made.
LONGEST = 50


class Burst(AsyncPipeline):
    """A pipeline that gathers statements in libpq's buffer until somebody wants to know."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        super().__init__(connection)
        self._unsent = 0
        self._open = False
        self._synced = False

    def _enter_gen(self) -> PQGen[None]:
        if self.level and self._conn._num_transactions:  # noqa: SLF001 -- an inner block, see above
            self.level += 1
            return
        yield from super()._enter_gen()

    def _exit_gen(self) -> PQGen[None]:
        if self.command_queue or self.result_queue or self._open:
            yield from super()._exit_gen()

    def _enqueue_sync(self) -> None:
        super()._enqueue_sync()
        self._synced = True

    def _communicate_gen(self) -> PQGen[None]:
        while self.command_queue:
            self.command_queue.popleft()()
            self._unsent += 1
            self._open = True
        if self._synced:
            self._open = False
        if self._synced or self._unsent >= LONGEST:
            self._unsent = 0
            yield from super()._communicate_gen()

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        # Behind a sync everything is on its way already.
        synced, self._synced, self._unsent = self._synced, False, 0
        yield from super()._fetch_gen(flush=flush and not synced)


@asynccontextmanager
async def burst(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Send what is run inside together; the first that fails raises at the end, or at a fetch."""
    if connection._pipeline is None:  # noqa: SLF001 -- psycopg has no setting for it
        connection._pipeline = Burst(connection)  # noqa: SLF001
    async with connection.pipeline():
        yield


async def queue(
    connection: AsyncConnection[Any], statements: Sequence[tuple[bytes, dict[str, Any]]]
) -> None:
    """Put statements whose rows nobody wants into the burst."""
    async with connection.lock:
        await connection.wait(_queue_gen(connection.cursor(), statements))


def _queue_gen(
    cursor: AsyncCursor[Any], statements: Sequence[tuple[bytes, dict[str, Any]]]
) -> PQGen[None]:
    for text, values in statements:
        yield from cursor._execute_gen(text, values, prepare=True)  # noqa: SLF001 -- as executemany
