"""Work on the store: to read, or to write and let the relay know."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import Connection, Database

T = TypeVar("T")


class Transactions:
    """What commands and queries run their work in."""

    def __init__(self, database: Database, notify_relay: Callable[[], None]) -> None:
        self._database = database
        self._notify_relay = notify_relay

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Return what the work reads."""
        async with self._database.connection() as connection:
            return await work(connection)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry the work out in one transaction, and let the relay publish what it staged.

        The work runs again when somebody appended in between: it loads and decides anew.
        """
        result = await run_with_retries(self._database, work)
        self._notify_relay()
        return result
