"""Work on the store: to read, or to write and let the relay know."""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from psycopg.errors import UniqueViolation

from services.chassis.events.commits import Commits
from services.chassis.events.retries import run_with_retries, with_retries
from services.chassis.events.store import Append
from services.chassis.postgres.database import Connection, Database

T = TypeVar("T")
L = TypeVar("L")


class NameTaken(Exception):
    """A name that must be unique is in use; `constraint` says which."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Transactions:
    """What commands and queries run their work in.

    `unique_names` are the database's constraints on names that people choose.
    """

    def __init__(
        self,
        database: Database,
        notify_relay: Callable[[], None],
        unique_names: Collection[str] = (),
    ) -> None:
        self._database = database
        self._notify_relay = notify_relay
        self._unique_names = unique_names
        self._commits = Commits(database)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Return what the work reads."""
        async with self._database.connection() as connection:
            return await work(connection)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Carry the work out in one transaction, and let the relay publish what it staged.

        The work runs again when somebody appended in between: it loads and decides anew.

        Raises:
            NameTaken: one of the unique names is in use.
        """
        try:
            result = await run_with_retries(self._database, work)
        except UniqueViolation as error:
            if (constraint := error.diag.constraint_name) in self._unique_names:
                raise NameTaken(str(constraint)) from error
            raise
        self._notify_relay()
        return result

    async def change(
        self,
        load: Callable[[], Awaitable[L]],
        decide: Callable[[L], tuple[T, Append]],
    ) -> T:
        """Load, decide, append; again when somebody appended in between.

        Nothing is locked between the load and the append, whose expected versions hold both
        together; so appends of the same moment are committed together.
        """

        async def attempt() -> T:
            result, append = decide(await load())
            if append.statements:
                await self._commits.commit(append)
            return result

        result = await with_retries(attempt)
        self._notify_relay()
        return result
