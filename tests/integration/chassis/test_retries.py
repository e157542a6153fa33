"""Work that is run again when somebody else appended: it ends, it is counted, it is bounded."""

import asyncio
from functools import partial

import pytest

from services.chassis.events import retries
from services.chassis.events.retries import ATTEMPTS, TURNS, run_with_retries, with_retries
from services.chassis.postgres.database import Connection, Database, enqueue, sql
from services.chassis.postgres.faults import RacesLost, VersionConflict
from services.chassis.runtime.telemetry import APPEND_RETRIES
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.toy import add

ADD = sql("INSERT INTO effects VALUES ('k', 'c', %(amount)s)")


def counted() -> float:
    """Return what the metric says."""
    [metric] = APPEND_RETRIES.collect()
    return next(each.value for each in metric.samples if each.name.endswith("_total"))


async def test_a_storm_on_one_stream_ends_with_every_event_and_its_retries_are_counted(
    database: Database,
) -> None:
    before = counted()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(40):
            group.create_task(add(database, "anna", "a"))

    assert await rows(database, "SELECT count(*), max(version) FROM events") == [(40, 40)]
    assert counted() > before


async def test_those_who_lost_over_one_stream_go_on_a_few_at_a_time() -> None:
    trying, most, tried = 0, 0, set[int]()

    async def attempt(number: int) -> None:
        nonlocal trying, most
        if number not in tried:
            tried.add(number)
            raise VersionConflict("a stream")
        trying += 1
        most = max(most, trying)
        await asyncio.sleep(0)
        trying -= 1

    await asyncio.gather(*(with_retries(partial(attempt, number)) for number in range(5 * TURNS)))

    assert most == TURNS


async def test_an_attempt_with_rounds_of_its_own_is_not_begun_again_when_they_are_all_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    rounds = 0

    async def lose() -> None:
        nonlocal rounds
        rounds += 1
        raise VersionConflict("a stream")

    with pytest.raises(RacesLost):
        await with_retries(lambda: with_retries(lose))

    assert rounds == 3


@pytest.mark.parametrize("losses", [0, 1, 7])
async def test_each_lost_round_is_counted_once_and_leaves_nothing_behind(
    database: Database, losses: int
) -> None:
    before, rounds = counted(), 0

    async def work(connection: Connection) -> str:
        nonlocal rounds
        rounds += 1
        await enqueue(connection, ADD, amount=rounds)
        if rounds <= losses:
            raise VersionConflict
        return "done"

    assert await run_with_retries(database, work) == "done"
    assert await rows(database, "SELECT amount FROM effects") == [(losses + 1,)]
    assert counted() == before + losses


async def test_who_loses_every_round_gets_the_conflict(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0.0001)
    before, rounds = counted(), 0

    async def work(connection: Connection) -> None:
        nonlocal rounds
        rounds += 1
        raise VersionConflict

    with pytest.raises(RacesLost):
        await run_with_retries(database, work)

    assert (rounds, counted()) == (ATTEMPTS, before + ATTEMPTS)


async def test_any_other_error_is_raised_at_once(database: Database) -> None:
    rounds = 0

    async def work(connection: Connection) -> None:
        nonlocal rounds
        rounds += 1
        raise KeyError

    with pytest.raises(KeyError):
        await run_with_retries(database, work)

    assert rounds == 1
