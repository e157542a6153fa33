"""Appends of commands that run at the same time, committed in one transaction.

A commit costs PostgreSQL and us about the same for one append as for many. What concurrent
requests append is therefore sent together; one that is refused takes the others back, and then
each is committed alone (docs/decisions/0022-group-commit.md).
"""

from collections.abc import Sequence

from services.chassis.events.store import Append, enqueue_appends
from services.chassis.postgres.batcher import Batcher
from services.chassis.postgres.database import Database
from services.chassis.postgres.faults import DatabaseUnavailable


class Commits:
    """Commits appends, those of the same moment together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batcher: Batcher[Append, None] = Batcher(self._commit)

    async def commit(self, append: Append) -> None:
        """Commit the append.

        Raises:
            VersionConflict, ClaimRefused: the store refused it.
            DatabaseUnavailable: it may be committed or not.
        """
        await self._batcher.of(append)

    async def _commit(self, appends: Sequence[Append]) -> Sequence[Exception | None]:
        try:
            async with self._database.transaction() as connection:
                await enqueue_appends(connection, appends)
        except DatabaseUnavailable:
            raise
        except Exception as refusal:
            if len(appends) == 1:
                return [refusal]
            return [outcome for each in appends for outcome in await self._commit([each])]
        return [None] * len(appends)
