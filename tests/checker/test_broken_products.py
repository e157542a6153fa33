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
from tests.e2e.client import World
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place, places, plain, rivals_for_a_slot

SCENES = 14
NO_FAULT = Fault("none", 0, 0)

MUTANTS = (
    Mutant(
        words=EARLY,
        breaks="I4",
        shows="a stored event is not on its topic",
        crash={"booking": "relay.marked_early"},
        scenes=(plain,),
        patience=4.0,  # a reservation that is lost on the way is never judged
    ),
    Mutant(
        words=FORGETFUL,
        breaks="I4",
        shows="a reservation has 2 verdicts",
        crash={"availability": "consumer.committed"},
        scenes=(plain,),
    ),
    Mutant(
        words=NEW_ID,
        breaks="I2",
        shows="a refused booking is in the store",
        crash={"booking": "http.answering"},
        scenes=(plain,),
    ),
    Mutant(
        words=TAKEN_TWICE,
        breaks="I1",
        shows="two confirmed bookings overlap",
        crash={},
        scenes=(rivals_for_a_slot,),
        # Three nets hold one fall: the claim, the constraint behind it, and availability's verdict.
        statements=("ALTER TABLE slot_claims DROP CONSTRAINT slot_claims_no_overlap",),
    ),
)


@pytest.fixture(scope="module")
async def bench() -> AsyncIterator[Bench]:
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
            yield Bench(stack, crash_file, collector)
            await collector.close()


@pytest.fixture(scope="module")
async def world(bench: Bench) -> AsyncIterator[World]:
    made = World(bench.stack)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def where(world: World) -> list[Place]:
    return await places(world, 2)


async def test_the_checker_has_nothing_to_say_about_the_product_as_it_is(
    bench: Bench, world: World, where: list[Place]
) -> None:
    load = Load(world, where)
    await load.play(SCENES)
    bench.asked += load.asked
    violations = await bench.violations([NO_FAULT])

    assert violations == [], words(violations)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.words)
async def test_the_checker_sees_that(
    mutant: Mutant, bench: Bench, world: World, where: list[Place]
) -> None:
    known = {str(violation) for violation in await bench.violations([NO_FAULT])}
    load = Load(world, where, mutant.patience, mutant.scenes)
    with psycopg.connect(bench.stack.database_url("booking"), autocommit=True) as connection:
        for statement in mutant.statements:
            connection.execute(statement.encode())
    async with running(bench, mutant):
        for service, point in mutant.crash.items():
            bench.arm(service, point)
        playing = asyncio.create_task(load.play(SCENES))
        for service in mutant.crash:
            assert await bench.until_hit(service)
        if not mutant.crash:
            await playing
    await playing
    bench.asked += load.asked
    found = [each for each in await bench.violations([NO_FAULT]) if str(each) not in known]

    assert (mutant.breaks, mutant.shows) in {(each.guarantee, each.words) for each in found}
