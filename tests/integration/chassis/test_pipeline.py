"""Transactions whose statements travel together: as atomic and as honest as one by one."""

import asyncio
from contextlib import suppress

import pytest
from psycopg import errors
from psycopg.pq import PipelineStatus, TransactionStatus

from services.chassis.postgres.database import (
    Connection,
    Database,
    Statement,
    enqueue,
    execute,
    fetch,
    fetch_each,
    run_all,
    sql,
)
from services.chassis.postgres.pipeline import PipelinedTransaction
from tests.integration.chassis.test_event_store import rows

ADD = sql("INSERT INTO effects VALUES ('k', %(counter)s, %(amount)s)")
DIVIDE = sql("SELECT 1 / %(by)s::integer AS result")
DIVIDE_TEXT = "SELECT 1 / $1::integer AS result"
PREPARED = sql("SELECT 1 FROM pg_prepared_statements WHERE statement = %(text)s")
SLEEP = sql("SELECT pg_sleep(%(seconds)s)")
AMOUNT = sql("SELECT amount FROM effects")
AMOUNTS = "SELECT amount FROM effects ORDER BY amount"


async def add(connection: Connection, amount: int) -> None:
    await enqueue(connection, ADD, counter="a", amount=amount)


async def test_a_transaction_commits_what_was_run_and_reads_its_own_writes(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await add(connection, 1)
        seen = await fetch(connection, sql("SELECT amount FROM effects"))
        await add(connection, 2)

    assert seen == [{"amount": 1}]
    assert await rows(database, AMOUNTS) == [(1,), (2,)]


async def test_more_statements_than_one_round_trip_holds_are_all_there_in_order(
    database: Database,
) -> None:
    for _ in range(2):  # the second time everything is prepared
        async with database.transaction() as connection:
            for amount in range(300):
                await add(connection, amount)

    assert len(await rows(database, AMOUNTS)) == 600


async def test_an_error_that_nobody_fetched_shows_at_the_end_and_nothing_is_committed(
    database: Database,
) -> None:
    with pytest.raises(errors.DivisionByZero):
        async with database.transaction() as connection:
            await add(connection, 1)
            await enqueue(connection, DIVIDE, by=0)
            await add(connection, 2)

    assert await rows(database, AMOUNTS) == []


async def test_an_error_shows_at_the_fetch_that_meets_it(database: Database) -> None:
    reached = False
    with pytest.raises(errors.DivisionByZero):
        async with database.transaction() as connection:
            await add(connection, 1)
            await fetch(connection, DIVIDE, by=0)
            reached = True

    assert not reached
    assert await rows(database, AMOUNTS) == []


async def test_an_error_of_the_caller_rolls_back_what_was_not_even_sent(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.transaction() as connection:
            await add(connection, 1)
            raise KeyError

    assert await rows(database, AMOUNTS) == []


@pytest.mark.parametrize("round_", [1, 2], ids=["not prepared yet", "prepared"])
async def test_an_error_of_an_enqueued_statement_names_it_wherever_it_is_raised(
    database: Database, round_: int
) -> None:
    async with database.connection() as connection:
        for _ in range(round_ - 1):
            await execute(connection, DIVIDE, by=1)
            await fetch(connection, AMOUNT)
        with pytest.raises(errors.DivisionByZero) as at_fetch:
            async with PipelinedTransaction(connection):
                await enqueue(connection, DIVIDE, by=0)
                await fetch(connection, AMOUNT)
        with pytest.raises(errors.DivisionByZero) as at_end:
            async with PipelinedTransaction(connection):
                await enqueue(connection, DIVIDE, by=0)
                await enqueue(connection, AMOUNT)

    named = f"in the statement enqueued before: {DIVIDE.text.decode()}"
    assert [at_fetch.value.__notes__, at_end.value.__notes__] == [[named], [named]]
    assert vars(at_end.value)["logged_notes"] == [named]


async def test_an_error_of_the_fetched_statement_itself_needs_no_name(database: Database) -> None:
    with pytest.raises(errors.DivisionByZero) as raised:
        async with database.transaction() as connection:
            await add(connection, 1)
            await fetch(connection, DIVIDE, by=0)

    assert not hasattr(raised.value, "__notes__")


async def test_outside_a_transaction_nothing_is_enqueued(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(AssertionError, match="needs a transaction"):
            await add(connection, 1)


@pytest.mark.parametrize("sent", [False, True], ids=["nothing sent yet", "statements sent"])
async def test_what_is_prepared_outlives_a_refusal(database: Database, sent: bool) -> None:
    async def refused(connection: Connection) -> None:
        async with PipelinedTransaction(connection):
            await add(connection, 1)
            if sent:
                await fetch(connection, DIVIDE, by=1)
            raise KeyError

    async with database.connection() as connection:
        await fetch(connection, DIVIDE, by=1)
        for _ in range(2):
            with pytest.raises(KeyError):
                await refused(connection)
        prepared = await fetch(connection, PREPARED, text=DIVIDE_TEXT)
        assert connection.info.transaction_status == TransactionStatus.IDLE

    assert len(prepared) == 1
    assert await rows(database, AMOUNTS) == []


async def test_a_round_trip_of_its_own_inside_a_transaction_shows_its_error_there(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await add(connection, 1)
        await run_all(connection, [Statement(ADD, {"counter": "a", "amount": 2})])
    with pytest.raises(errors.DivisionByZero):
        async with database.transaction() as connection:
            await run_all(connection, [Statement(DIVIDE, {"by": 0})])
            await add(connection, 3)

    assert await rows(database, AMOUNTS) == [(1,), (2,)]


async def test_several_questions_have_their_own_answers(database: Database) -> None:
    async with database.transaction() as connection:
        found = await fetch_each(
            connection, Statement(DIVIDE, {"by": 1}), Statement(DIVIDE, {"by": 2})
        )

    assert found == [[{"result": 1}], [{"result": 0}]]


async def test_an_error_that_arrives_before_the_end_is_told_and_leaves_no_pipeline_behind(
    database: Database,
) -> None:
    async with database.connection() as connection:
        with pytest.raises(errors.DivisionByZero):
            async with PipelinedTransaction(connection):
                await enqueue(connection, DIVIDE, by=0)
                connection.pgconn.send_flush_request()
                connection.pgconn.flush()
                await asyncio.sleep(0.1)  # the error is here, and nobody has fetched it
        assert PipelineStatus.OFF == connection.pgconn.pipeline_status
        async with PipelinedTransaction(connection):
            await add(connection, 1)

    assert await rows(database, AMOUNTS) == [(1,)]


async def test_the_connection_serves_on_after_errors_and_after_a_cancelled_transaction(
    database: Database,
) -> None:
    async def sleepy() -> None:
        async with database.transaction() as connection:
            await add(connection, 9)
            await fetch(connection, SLEEP, seconds=30)

    for round_ in range(30):  # more often than the pool has connections
        with pytest.raises(errors.DivisionByZero):
            async with database.transaction() as connection:
                await add(connection, 9)
                await fetch(connection, DIVIDE, by=0)
        if round_ % 3 == 0:
            task = asyncio.create_task(sleepy())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with database.transaction() as connection:
            await add(connection, 1)

    assert await rows(database, "SELECT amount, count(*) FROM effects GROUP BY 1") == [(1, 30)]


async def test_what_fails_behind_an_error_is_no_warning_of_psycopg(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(errors.DivisionByZero):  # a refusal by the database, then its ROLLBACK
        async with database.transaction() as connection:
            await add(connection, 1)
            await fetch(connection, DIVIDE, by=0)
    with pytest.raises(KeyError):
        async with database.transaction() as connection:
            await enqueue(connection, DIVIDE, by=0)
            raise KeyError
    with pytest.raises(KeyError):
        async with database.transaction() as connection:
            await enqueue(connection, DIVIDE, by=0)
            with suppress(errors.DivisionByZero):
                await fetch(connection, AMOUNT)
            raise KeyError

    assert caplog.records == []
