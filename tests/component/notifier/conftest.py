"""Fixtures of the notifier's tests: its database, and a mail server that replies by script."""

from collections.abc import AsyncIterator, Callable

import pytest

from services.chassis.postgres.database import Database
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.running import migrated
from tests.smtp_server import ScriptedServer


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
    return migrated(database_url_factory("notifier"), "notifier")


@pytest.fixture
async def direct_notifier(
    notifier_database: str, server: ScriptedServer
) -> AsyncIterator[DirectNotifier]:
    """A notifier without consumers and relay: the test applies events and starts workers."""
    database = Database(notifier_database, size=12)
    await database.open()
    async with database.connection() as connection:
        await connection.execute("DELETE FROM deliveries")  # else one test sends another's letters
    yield DirectNotifier(database, server)
    await database.close()
