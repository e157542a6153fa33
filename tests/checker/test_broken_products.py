"""The checker sees what is broken on purpose, and has nothing to say about the sound product."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.stack import LocalStack
from tests.checker.collect import Collector
from tests.checker.evidence import Fault
from tests.checker.mutants import Mutant, running
from tests.checker.seams import EARLY, FORGETFUL, NEW_ID, TAKEN_TWICE
from tests.e2e.client import StackClients
from tests.faults.load import (
    BookableOrganizer,
    Load,
    book_only,
    bookable_organizers,
    two_requests_for_one_slot,
)
from tests.faults.stack_under_test import StackUnderTest, words

SCENARIOS = 14
NO_FAULT = Fault("none", 0, 0)

MUTANTS = (
    Mutant(
        words=EARLY,
        breaks="I4",
        shows="a stored event is not on its topic",
        crash={"booking": "relay.marked_early"},
        scenarios=(book_only,),
        longest_wait=4.0,  # a reservation that is lost on the way is never judged
    ),
    Mutant(
        words=FORGETFUL,
        breaks="I4",
        shows="a reservation has 2 verdicts",
        crash={"availability": "consumer.committed"},
        scenarios=(book_only,),
    ),
    Mutant(
        words=NEW_ID,
        breaks="I2",
        shows="a refused booking is in the store",
        crash={"booking": "http.answering"},
        scenarios=(book_only,),
    ),
    Mutant(
        words=TAKEN_TWICE,
        breaks="I1",
        shows="two confirmed bookings overlap",
        crash={},
        scenarios=(two_requests_for_one_slot,),
        # Three nets hold one fall: the claim, the constraint behind it, and availability's verdict.
        statements=("ALTER TABLE slot_claims DROP CONSTRAINT slot_claims_no_overlap",),
    ),
)


@pytest.fixture(scope="module")
async def stack_under_test() -> AsyncIterator[StackUnderTest]:
    with tempfile.TemporaryDirectory(prefix="bookwith-crash-") as folder:
        crash_file = Path(folder) / "crash"
        environment = {
            "BOOKWITH_ENVIRONMENT": "test",
            "BOOKWITH_CRASH_FILE": str(crash_file),
            "BOOKWITH_LINK_MINIMUM_SECONDS": "1",
            "BOOKWITH_SMTP_TIMEOUT_SECONDS": "3",
        }
        with LocalStack(environment=environment) as stack:
            collector = Collector(stack)
            yield StackUnderTest(stack, crash_file, collector)
            await collector.close()


@pytest.fixture(scope="module")
async def clients(stack_under_test: StackUnderTest) -> AsyncIterator[StackClients]:
    made = StackClients(stack_under_test.stack)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def organizers(clients: StackClients) -> list[BookableOrganizer]:
    return await bookable_organizers(clients, 2)


async def test_the_checker_finds_nothing_in_the_unbroken_product(
    stack_under_test: StackUnderTest, clients: StackClients, organizers: list[BookableOrganizer]
) -> None:
    load = Load(clients, organizers)
    await load.run(SCENARIOS)
    stack_under_test.asked += load.asked
    violations = await stack_under_test.violations([NO_FAULT])

    assert violations == [], words(violations)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.words)
async def test_the_checker_finds_the_broken_function(
    mutant: Mutant,
    stack_under_test: StackUnderTest,
    clients: StackClients,
    organizers: list[BookableOrganizer],
) -> None:
    known = {str(violation) for violation in await stack_under_test.violations([NO_FAULT])}
    load = Load(clients, organizers, mutant.longest_wait, mutant.scenarios)
    with psycopg.connect(
        stack_under_test.stack.database_url("booking"), autocommit=True
    ) as connection:
        for statement in mutant.statements:
            connection.execute(statement.encode())
    async with running(stack_under_test, mutant):
        for service, point in mutant.crash.items():
            stack_under_test.arm(service, point)
        running_load = asyncio.create_task(load.run(SCENARIOS))
        for service in mutant.crash:
            assert await stack_under_test.until_hit(service)
        if not mutant.crash:
            await running_load
    await running_load
    stack_under_test.asked += load.asked
    found = [
        each for each in await stack_under_test.violations([NO_FAULT]) if str(each) not in known
    ]

    assert (mutant.breaks, mutant.shows) in {(each.guarantee, each.words) for each in found}
