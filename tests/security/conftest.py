"""The whole product, once for all tests of security."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.e2e.client import StackClients
from tests.e2e.inbox import Inbox


@pytest.fixture(scope="package")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stack keeps its state and its logs."""
    return tmp_path_factory.mktemp("security")


@pytest.fixture(scope="package")
def stack(state_dir: Path) -> Iterator[LocalStack]:
    """All services on free ports."""
    with LocalStack(state_dir, environment={"BOOKWITH_LOG_LEVEL": "debug"}) as started:
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
