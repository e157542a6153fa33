"""One stack with two of everything for all faults: what one test breaks the next one sees."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.checker.collect import Collector
from tests.e2e.client import StackClients
from tests.faults.load import BookableOrganizer, bookable_organizers
from tests.faults.stack_under_test import StackUnderTest

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
async def clients(stack: LocalStack) -> AsyncIterator[StackClients]:
    made = StackClients(stack)
    yield made
    await made.close()


@pytest.fixture(scope="package")
async def organizers(clients: StackClients) -> list[BookableOrganizer]:
    """Organizers who are ready to be booked."""
    return await bookable_organizers(clients, ORGANIZERS)


@pytest.fixture(scope="package")
async def stack_under_test(stack: LocalStack, crash_file: Path) -> AsyncIterator[StackUnderTest]:
    collector = Collector(stack)
    yield StackUnderTest(stack, crash_file, collector)
    await collector.close()
