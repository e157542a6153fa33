"""Transactions: a read changes nothing, a write commits once and lets the relay know."""

import asyncio

import pytest

from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Database, fetch_one, sql
from tests.integration.chassis.toy import COUNTER, Added, add, store

A = COUNTER.stream("a")
_COUNT = sql("SELECT count(*) AS outbox FROM outbox")


class CountingRelay:
    """Counts how often the relay is told that there is something to publish."""

    def __init__(self) -> None:
        self.count = 0

    def notify(self) -> None:
        self.count += 1


@pytest.fixture
def relay_notices() -> CountingRelay:
    return CountingRelay()


@pytest.fixture
def transactions(database: Database, relay_notices: CountingRelay) -> Transactions:
    return Transactions(database, relay_notices.notify)


async def total(connection: Connection) -> int:
    """Return what the counter has come to."""
    return (await store.load(connection, A)).get(A).state


async def add_one(connection: Connection) -> int:
    loaded = await store.load(connection, A)
    change = loaded.get(A).decide(Added(1, loaded.now))
    await store.append(connection, "anna", [change], at=loaded.now)
    return change.after.state


async def test_a_read_returns_what_the_work_finds_and_notifies_nobody(
    database: Database, transactions: Transactions, relay_notices: CountingRelay
) -> None:
    await add(database, "anna", "a", 5)

    assert await transactions.read(total) == 5
    assert relay_notices.count == 0


async def test_a_write_commits_and_notifies_the_relay_once(
    transactions: Transactions, relay_notices: CountingRelay
) -> None:
    assert await transactions.write(add_one) == 1
    assert await transactions.read(total) == 1
    assert relay_notices.count == 1


async def test_a_write_that_fails_leaves_nothing_and_notifies_nobody(
    transactions: Transactions, relay_notices: CountingRelay
) -> None:
    async def work(connection: Connection) -> None:
        await add_one(connection)
        raise LookupError("changed my mind")

    with pytest.raises(LookupError):
        await transactions.write(work)

    assert await transactions.read(total) == 0
    assert relay_notices.count == 0


async def test_a_write_that_was_overtaken_is_decided_anew_and_notifies_once(
    database: Database, transactions: Transactions, relay_notices: CountingRelay
) -> None:
    seen: list[int] = []

    async def work(connection: Connection) -> int:
        loaded = await store.load(connection, A)
        seen.append(loaded.get(A).state)
        if len(seen) == 1:
            await add(database, "anna", "a", 10)
        change = loaded.get(A).decide(Added(1, loaded.now))
        await store.append(connection, "anna", [change], at=loaded.now)
        return change.after.state

    assert await transactions.write(work) == 11
    assert seen == [0, 10]
    assert relay_notices.count == 1


async def test_the_relay_is_notified_after_the_commit(database: Database) -> None:
    staged: list[asyncio.Task[int]] = []

    async def outbox() -> int:
        async with database.connection() as connection:
            row = await fetch_one(connection, _COUNT)
            assert row is not None
            count: int = row["outbox"]
            return count

    transactions = Transactions(database, lambda: staged.append(asyncio.create_task(outbox())))
    await transactions.write(add_one)

    assert [1] == [await task for task in staged]
