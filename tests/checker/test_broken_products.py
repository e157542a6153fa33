"""The checker sees the product with a line broken on purpose, and has nothing to say without."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.stack import LocalStack
from tests.checker.collect import Collector
from tests.checker.evidence import Fault
from tests.checker.mutants import Line, Mutant, running
from tests.e2e.client import World
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place, places, plain, rivals_for_a_slot

SCENES = 14
NO_FAULT = Fault("none", 0, 0)

MUTANTS = (
    Mutant(
        words="messages are marked as sent before they are",
        services=("booking",),
        lines=(
            Line(
                "services/chassis/messaging/relay.py",
                """                raise LeaseLost
            try:
""",
                """                raise LeaseLost
            await self._mark(batch.positions)
            reach("relay.marked_early")
            try:
""",
            ),
            Line("services/chassis/messaging/relay.py", 'row["marked"] == 0', 'row["marked"] < 0'),
        ),
        breaks="I4",
        shows="a stored event is not on its topic",
        crash={"booking": "relay.marked_early"},
        scenes=(plain,),
        patience=4.0,  # a reservation that is lost on the way is never judged
    ),
    Mutant(
        words="what was applied is not noted in the inbox",
        services=("availability",),
        lines=(
            Line(
                "services/chassis/messaging/batches.py",
                """            await enqueue(connection, advance.prepared, **advance.values)
            reach("consumer.applied")
""",
                """            reach("consumer.applied")
""",
            ),
        ),
        breaks="I4",
        shows="a reservation has 2 verdicts",
        crash={"availability": "consumer.committed"},
        scenes=(plain,),
    ),
    Mutant(
        words="a key that is sent again gets a new id for what it creates",
        services=("booking",),
        lines=(
            Line(
                "services/chassis/http/idempotency.py",
                'scope["state"]["minted_id"] = claim',
                'scope["state"]["minted_id"] = new_id()',
            ),
        ),
        breaks="I2",
        shows="a refused booking is in the store",
        crash={"booking": "http.answering"},
        scenes=(plain,),
    ),
    Mutant(
        words="a taken time can be taken again",
        services=("booking", "availability"),
        lines=(
            Line(
                "services/booking/handlers/claiming.py",
                "ahead = [claim(booking_id, organizer_id, slot)]",
                "ahead = []",
            ),
            Line(
                "services/availability/domain/reasons.py",
                'Reason("free", False, words)',
                'Reason("free", True, words)',
            ),
        ),
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


@pytest.fixture
def tree() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bookwith-mutant-") as folder:
        yield Path(folder)


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
    mutant: Mutant, tree: Path, bench: Bench, world: World, where: list[Place]
) -> None:
    known = {str(violation) for violation in await bench.violations([NO_FAULT])}
    load = Load(world, where, mutant.patience, mutant.scenes)
    with psycopg.connect(bench.stack.database_url("booking"), autocommit=True) as connection:
        for statement in mutant.statements:
            connection.execute(statement.encode())
    async with running(bench, mutant, tree):
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
