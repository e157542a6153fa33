"""Appends of commands that run at the same time, committed in one transaction.

A commit costs PostgreSQL and us about the same for one append as for many. What concurrent
requests append is therefore sent together; one that is refused takes the others back, and then
each is committed alone (docs/decisions/0022-group-commit.md). Of those that want to change the same
thing only the first can be right: when it is, the others need not ask.
"""

from collections.abc import Collection, Sequence

from services.chassis.events.store import Append, enqueue_appends
from services.chassis.postgres.batcher import Batcher
from services.chassis.postgres.database import Database
from services.chassis.postgres.faults import DatabaseUnavailable, VersionConflict


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
        first, gone = _without_conflict(appends)
        try:
            await self._send([appends[n] for n in first])
        except DatabaseUnavailable:
            raise
        except Exception as refusal:
            return [refusal] if len(appends) == 1 else await self._commit_each(appends)
        return [None if n in first else _conflict(each, gone) for n, each in enumerate(appends)]

    async def _commit_each(self, appends: Sequence[Append]) -> Sequence[Exception | None]:
        outcomes: list[Exception | None] = []
        gone: set[str] = set()
        for append in appends:
            if gone.isdisjoint(append.expects):
                [outcome] = await self._commit([append])
                gone.update(() if outcome else append.changes)
            else:
                outcome = _conflict(append, gone)
            outcomes.append(outcome)
        return outcomes

    async def _send(self, appends: Sequence[Append]) -> None:
        async with self._database.transaction() as connection:
            await enqueue_appends(connection, appends)


def _without_conflict(appends: Sequence[Append]) -> tuple[Collection[int], Collection[str]]:
    """Return the places of those that nothing ahead is in the way of, and what they change."""
    first: dict[int, None] = {}
    gone: set[str] = set()
    for n, append in enumerate(appends):
        if gone.isdisjoint(append.expects):
            first[n] = None
            gone.update(append.changes)
    return first, gone


def _conflict(append: Append, gone: Collection[str]) -> VersionConflict:
    return VersionConflict(next(name for name in append.expects if name in gone))
