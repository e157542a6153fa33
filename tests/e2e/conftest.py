"""The whole product, once for all end-to-end tests: two processes of each service."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from deploy.local.stack import LocalStack
from tests.e2e.browser import chromium
from tests.e2e.client import StackClients
from tests.e2e.inbox import Inbox

# What a provisioning client shows to policy.
SCIM_TOKEN = "scim-token-of-the-whole-product-0123456789"


@pytest.fixture(scope="package")
def stack() -> Iterator[LocalStack]:
    """All services on free ports, with throw-away state; crash points can be armed."""
    with tempfile.TemporaryDirectory(prefix="bookwith-crash-") as crash:
        environment = {
            "BOOKWITH_ENVIRONMENT": "test",
            "BOOKWITH_CRASH_FILE": str(Path(crash) / "crash"),
            "BOOKWITH_LINK_MINIMUM_SECONDS": "1",
            "BOOKWITH_SCIM_TOKENS": SCIM_TOKEN,
        }
        with LocalStack(instances=2, environment=environment) as started:
            yield started
            # Whatever the tests have done: each service has what its log and the topics say.
            assert {} == differing_read_models(started)


def differing_read_models(stack: LocalStack) -> dict[str, str]:
    """Return for each service whose read models are not as rebuilt ones what differs."""
    found = {}
    for service in ("booking", "availability", "notifier", "policy"):
        compared = subprocess.run(
            [sys.executable, "-m", f"services.{service}", "rebuild", "--dry-run"],
            env={**os.environ, **stack.environment(service)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        if compared.returncode:
            found[service] = compared.stdout + compared.stderr
    return found


@pytest.fixture(scope="package")
async def clients(stack: LocalStack) -> AsyncIterator[StackClients]:
    """The clients of the stack."""
    made = StackClients(stack)
    yield made
    await made.close()


@pytest.fixture
def base(clients: StackClients) -> str:
    """The address of booking's pages."""
    return clients.stack.url("booking")


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    async with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def inbox(clients: StackClients) -> Inbox:
    """The mail of organizers and attendees."""
    return Inbox(clients.client("inbox"))
