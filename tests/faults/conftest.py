"""One stack with two of everything for all faults: what one test breaks the next one sees."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.checker.collect import Collector
from tests.e2e.client import World
from tests.faults.breaking import Bench
from tests.faults.load import Place, places

ORGANIZERS = 6


@pytest.fixture(scope="package")
def crash_file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bookwith-crash-") as folder:
        yield Path(folder) / "crash"


@pytest.fixture(scope="package")
def stack(crash_file: Path) -> Iterator[LocalStack]:
    """All services on free ports, with throw-away state and crash points."""
    environment = {
        "BOOKWITH_ENVIRONMENT": "test",
        "BOOKWITH_CRASH_FILE": str(crash_file),
        "BOOKWITH_LINK_MINIMUM_SECONDS": "1",
        # A letter whose sender has died is taken up again five seconds after this.
        "BOOKWITH_SMTP_TIMEOUT_SECONDS": "3",
    }
    with LocalStack(instances=2, environment=environment) as started:
        yield started


@pytest.fixture(scope="package")
async def world(stack: LocalStack) -> AsyncIterator[World]:
    made = World(stack)
    yield made
    await made.close()


@pytest.fixture(scope="package")
async def where(world: World) -> list[Place]:
    """Organizers who are ready to be booked."""
    return await places(world, ORGANIZERS)


@pytest.fixture(scope="package")
async def bench(stack: LocalStack, crash_file: Path) -> AsyncIterator[Bench]:
    collector = Collector(stack)
    yield Bench(stack, crash_file, collector)
    await collector.close()
