"""Bursts: the statements of a round trip sent together; psycopg's own pipeline sends each alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncPipeline
from psycopg.abc import PQGen

# So many statements wait for one another; past that PostgreSQL starts while more are made.
LONGEST = 50


class Burst(AsyncPipeline):
    """A pipeline that gathers statements in libpq's buffer until there is a reason to send."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        super().__init__(connection)
        self._gathered = 0
        self._synced = False

    def _enqueue_sync(self) -> None:
        super()._enqueue_sync()
        self._synced = True

    def _communicate_gen(self) -> PQGen[None]:
        while self.command_queue:
            self.command_queue.popleft()()
            self._gathered += 1
        if self._synced or self._gathered >= LONGEST:
            self._gathered = 0
            yield from super()._communicate_gen()

    def _fetch_gen(self, *, flush: bool) -> PQGen[None]:
        # Behind a sync everything is on its way already.
        synced, self._synced, self._gathered = self._synced, False, 0
        yield from super()._fetch_gen(flush=flush and not synced)


@asynccontextmanager
async def burst(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Send what is run inside together; the first that fails raises at the end, or at a fetch."""
    if connection._pipeline is None:  # noqa: SLF001 -- psycopg has no setting for it
        connection._pipeline = Burst(connection)  # noqa: SLF001
    async with connection.pipeline():
        yield
