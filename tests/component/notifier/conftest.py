"""Fixtures of the notifier's tests: its database, and a mail server that replies by script."""

from collections.abc import AsyncIterator, Callable

import pytest

from services.chassis.postgres.database import Database
from services.notifier.app import build
from services.notifier.settings import NotifierSettings
from tests.component.kafka import skip_to_the_end
from tests.component.notifier.direct_notifier import DirectNotifier
from tests.component.provider import Provider
from tests.component.running import Running, migrated, running, settings
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


@pytest.fixture(scope="module")
async def inbox() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    await server.open()
    yield server
    await server.close()


@pytest.fixture(scope="module")
async def notifier(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    inbox: ScriptedServer,
) -> AsyncIterator[Running]:
    held = settings(
        NotifierSettings,
        migrated(database_url_factory("notifier"), "notifier"),
        kafka_bootstrap,
        sign_in.issuer,
        smtp_url=inbox.url,
        sender="Bookwith <bookings@bookwith.example>",
    )
    await skip_to_the_end(kafka_bootstrap, "notifier")
    async with running(build, held, "http", "relay", "consumers", "timers") as process:
        yield process
