"""What the notifier's tests stand on: its database, a mail server that answers by script."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

import services.notifier
from deploy.local.stack import LocalStack
from services.chassis.db import Database
from services.chassis.migrations import migrate
from tests.component.notifier.workshop import Workshop
from tests.smtp_server import ScriptedServer

MIGRATIONS = Path(services.notifier.__file__).parent / "migrations"


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A mail server of this test alone."""
    server = ScriptedServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(scope="session")
def notifier_database(database_url_factory: Callable[[str], str]) -> str:
    """The notifier's database, with its schema."""
    url = database_url_factory("notifier")
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture
async def workshop(notifier_database: str, server: ScriptedServer) -> AsyncIterator[Workshop]:
    """A notifier without consumers and relay: the test applies events and starts workers."""
    database = Database(notifier_database, size=12)
    await database.open()
    async with database.connection() as connection:
        await connection.execute("DELETE FROM deliveries")  # else one test sends another's letters
    yield Workshop(database, server)
    await database.close()


@pytest.fixture(scope="session")
def provider() -> Iterator[LocalStack]:
    """An OpenID provider with our people."""
    with LocalStack(services=False, parts=("oidc",)) as stack:
        yield stack
