"""Every page in every state, light and narrow, dark and wide, has no fault."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from deploy.local.stack import LocalStack
from tests.e2e.client import StackClients
from tests.screens.organization import Organization, organization
from tests.screens.taking import ALL, Window, take

# Danish words are the longer ones.
PHONE, WIDE = Window("phone", 360, language="da"), Window("wide-dark", 1280, dark=True)
# What a window of 640 pixels, or of 1280, has left when it is magnified to 200 % or 400 %.
NARROW = Window("narrow", 320, language="da")


@pytest.fixture(scope="module")
def roomy() -> Iterator[LocalStack]:
    """A stack of its own: all visitors come from one network, and hold more than it may."""
    with LocalStack(environment={"BOOKWITH_BUDGET_FACTOR": "1000"}) as started:
        yield started


@pytest.fixture(scope="module")
async def visited(roomy: LocalStack) -> AsyncIterator[StackClients]:
    made = StackClients(roomy)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def shown(visited: StackClients) -> Organization:
    return await organization(visited)


@pytest.mark.parametrize("name", ALL)
async def test_a_page_has_no_fault_that_axe_finds_and_is_not_too_wide(
    browser: Browser,
    visited: StackClients,
    shown: Organization,
    tmp_path: Path,
    name: str,
) -> None:
    assert [] == await take(browser, visited, shown, tmp_path, PHONE, name, also=[WIDE, NARROW])
