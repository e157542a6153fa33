"""What processes have counted, exchanged through PostgreSQL: all of it, in time, no deadlock."""

import asyncio
import random

import pytest

from services.chassis.http.budgets.counts import SharedCounts
from services.chassis.http.budgets.exchange import FORGET_EVERY_SECONDS, Exchange
from services.chassis.http.budgets.sizes import budget
from services.chassis.http.budgets.spending import Budgets
from services.chassis.http.problems import Problem
from services.chassis.postgres.database import PASSING_FAULTS, Database
from services.chassis.postgres.schema import BUDGETS_1
from tests.integration.chassis.test_event_store import rows

SECRET = b"s" * 32
FEW = budget("few", "10/hour", 1, "That was a lot.")
MANY = budget("many", "100000/hour", 1, "That was a lot.")


class Process:
    """What one process has of budgets."""

    def __init__(self, database: Database, clock: "Clock | None" = None) -> None:
        counts = SharedCounts(SECRET)
        self.budgets = Budgets([FEW, MANY], counts)
        if clock is None:
            self.exchange = Exchange(counts, database, grace_seconds=5)
        else:
            self.exchange = Exchange(counts, database, grace_seconds=5, clock=clock)

    def is_refused(self, name: str, whose: str) -> bool:
        return self.budgets.exhausted_until((name, whose)) is not None


class Clock:
    """A clock that stands until the test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def counting(database: Database) -> Database:
    async with database.connection() as connection:
        await connection.execute(BUDGETS_1.encode())
    return database


async def test_processes_that_count_the_same_keys_at_once_lose_nothing_and_never_wait_for_good(
    counting: Database,
) -> None:
    processes = [Process(counting) for _ in range(4)]
    chosen = random.Random(7)

    async def count(process: Process) -> None:
        for _ in range(30):
            keys = [f"key {number}" for number in range(400)]
            chosen.shuffle(keys)
            for whose in keys:
                process.budgets.spend(("many", whose))
            await process.exchange.once()

    await asyncio.gather(*map(count, processes))
    found = await rows(counting, "SELECT count(*), min(used), max(used) FROM budget_counts")

    assert [(400, 120, 120)] == found


async def test_a_budget_that_is_used_up_elsewhere_is_known_after_one_exchange_here(
    counting: Database,
) -> None:
    one, other, later = (Process(counting) for _ in range(3))
    await other.exchange.once()
    for _ in range(10):
        one.budgets.spend(("few", "a"))
    await one.exchange.once()
    await other.exchange.once()
    await later.exchange.once()

    assert other.is_refused("few", "a")
    assert later.is_refused("few", "a")  # a process that starts later knows it too
    assert not other.is_refused("few", "b")
    with pytest.raises(Problem):
        other.budgets.spend(("few", "a"))


async def test_what_is_given_back_in_one_process_is_there_in_the_other(counting: Database) -> None:
    one, other = Process(counting), Process(counting)
    for _ in range(10):
        one.budgets.spend(("few", "a"))
    await one.exchange.once()
    await other.exchange.once()
    other.budgets.give_back(("few", "a"))
    await other.exchange.once()
    await one.exchange.once()

    assert not one.is_refused("few", "a")


async def test_what_could_not_be_told_is_told_later_and_the_grace_ends_in_between(
    counting: Database,
) -> None:
    clock = Clock()
    process = Process(counting, clock)
    process.budgets.spend(("few", "a"))
    async with counting.connection() as connection:
        await connection.execute("ALTER TABLE budget_counts RENAME TO away")
    for seconds, shared in ((4.9, True), (0.2, False)):
        clock.now += seconds
        with pytest.raises(Exception, match="budget_counts"):
            await process.exchange.once()

        assert shared == process.exchange.is_shared

    async with counting.connection() as connection:
        await connection.execute("ALTER TABLE away RENAME TO budget_counts")
    process.budgets.spend(("few", "a"))
    await process.exchange.once()

    assert process.exchange.is_shared
    assert [(2,)] == await rows(counting, "SELECT used FROM budget_counts")


async def test_a_table_that_is_locked_ends_the_exchange_as_soon_as_a_request(
    counting: Database,
) -> None:
    process = Process(counting)
    process.budgets.spend(("few", "a"))
    async with counting.transaction() as connection:
        await connection.execute("LOCK TABLE budget_counts IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(4):
            with pytest.raises(PASSING_FAULTS):
                await process.exchange.once()


async def test_windows_that_are_over_are_deleted(counting: Database) -> None:
    clock = Clock()
    process = Process(counting, clock)
    process.budgets.spend(("few", "a"))
    await process.exchange.once()
    async with counting.connection() as connection:
        await connection.execute(
            "INSERT INTO budget_counts VALUES ('\\x00', 1, 1, now() - interval '2 minutes')"
        )
    clock.now += FORGET_EVERY_SECONDS + 1
    await process.exchange.once()

    assert [(1,)] == await rows(counting, "SELECT count(*) FROM budget_counts")
