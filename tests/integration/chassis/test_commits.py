"""Appends of the same moment are committed together; a refused one takes no other with it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from services.chassis.events.commits import Commits
from services.chassis.events.store import Append
from services.chassis.events.streams import Aggregate
from services.chassis.postgres.database import Connection, Database, fetch, sql
from services.chassis.postgres.faults import VersionConflict
from tests.integration.chassis.toy import COUNTER, Added, add, store

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
_TRANSACTIONS = sql("SELECT count(*) AS events, count(DISTINCT xmin::text) AS commits FROM events")


def append_to(owner: str, counter: str, *, version: int = 0) -> Append:
    """Return what adds 1 to a counter that is expected at the version."""
    aggregate = Aggregate(COUNTER.stream(counter), version, version)
    return store.prepare(owner, [aggregate.decide(Added(1, AT))], at=AT)


class CountedTransactions(Database):
    """The database, and how many transactions have begun there."""

    def __init__(self, database: Database) -> None:
        self._counted = database
        self.number = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        self.number += 1
        async with self._counted.transaction() as connection:
            yield connection


async def commits_of(database: Database) -> tuple[int, int]:
    """Return how many events there are, and how many transactions appended them."""
    async with database.connection() as connection:
        [row] = await fetch(connection, _TRANSACTIONS)
    return row["events"], row["commits"]


async def test_appends_of_the_same_moment_are_committed_together(database: Database) -> None:
    commits = Commits(database)
    await asyncio.gather(*(commits.commit(append_to(f"o-{n}", f"c-{n}")) for n in range(20)))
    events, transactions = await commits_of(database)

    assert 20 == events
    assert transactions <= 3


async def test_a_refused_append_takes_no_other_with_it(database: Database) -> None:
    await add(database, "anna", "taken")
    commits = Commits(database)
    appends = [
        append_to("anna", "first"),
        append_to("anna", "taken"),  # expects it to be new
        append_to("bo", "second"),
    ]
    outcomes = await asyncio.gather(*map(commits.commit, appends), return_exceptions=True)
    events, _ = await commits_of(database)

    assert [None, VersionConflict, None] == [each and type(each) for each in outcomes]
    assert 3 == events


async def test_two_appends_to_one_stream_are_not_both_committed(database: Database) -> None:
    commits = Commits(database)
    outcomes = await asyncio.gather(
        *(commits.commit(append_to("anna", "a")) for _ in range(2)), return_exceptions=True
    )
    events, _ = await commits_of(database)

    assert {None, VersionConflict} == {each and type(each) for each in outcomes}
    assert 1 == events


async def test_of_many_appends_to_one_stream_only_the_first_asks_the_database(
    database: Database,
) -> None:
    counted = CountedTransactions(database)
    commits = Commits(counted)
    outcomes = await asyncio.gather(
        *(commits.commit(append_to("anna", "a")) for _ in range(50)), return_exceptions=True
    )

    assert [None] == [each for each in outcomes if each is None]
    assert {COUNTER.stream("a").name} == {str(each) for each in outcomes if each}
    assert counted.number <= 3


async def test_an_append_is_not_refused_for_one_ahead_that_was_refused_itself(
    database: Database,
) -> None:
    await add(database, "anna", "taken")
    both = [Aggregate(COUNTER.stream(name), 0, 0) for name in ("taken", "free")]
    changes = [each.decide(Added(1, AT)) for each in both]
    appends = [store.prepare("anna", changes, at=AT), append_to("anna", "free")]
    outcomes = await asyncio.gather(*map(Commits(database).commit, appends), return_exceptions=True)

    assert [VersionConflict, None] == [each and type(each) for each in outcomes]


async def test_two_processes_that_append_for_the_same_keys_do_not_block_each_other(
    database: Database,
) -> None:
    """Locks are taken in the order of the keys, whatever the order of the appends."""
    both = [Commits(database), Commits(database)]
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    shuffled = random.Random(seed)

    async def round_of(commits: Commits) -> None:
        keys = [f"o-{n}" for n in range(8)]
        shuffled.shuffle(keys)
        await asyncio.gather(*(commits.commit(append_to(key, str(uuid4()))) for key in keys))

    async with asyncio.timeout(60):
        for _ in range(50):
            await asyncio.gather(*map(round_of, both))
    events, _ = await commits_of(database)

    assert 50 * 2 * 8 == events
