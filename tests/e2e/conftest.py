"""The whole product, once for all end-to-end tests: two processes of each service."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.e2e.client import StackClients
from tests.e2e.inbox import Inbox


@pytest.fixture(scope="package")
def stack() -> Iterator[LocalStack]:
    """All services on free ports, with throw-away state; crash points can be armed."""
    with tempfile.TemporaryDirectory(prefix="bookwith-crash-") as crash:
        environment = {
            "BOOKWITH_ENVIRONMENT": "test",
            "BOOKWITH_CRASH_FILE": str(Path(crash) / "crash"),
            "BOOKWITH_LINK_MINIMUM_SECONDS": "1",
        }
        with LocalStack(instances=2, environment=environment) as started:
            yield started


@pytest.fixture(scope="package")
async def clients(stack: LocalStack) -> AsyncIterator[StackClients]:
    """The clients of the stack."""
    made = StackClients(stack)
    yield made
    await made.close()


@pytest.fixture(scope="package")
def inbox(clients: StackClients) -> Inbox:
    """The mail of organizers and attendees."""
    return Inbox(clients.client("inbox"))
