"""One service that runs whole in the tests' own event loop, against its own database."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from services.chassis.postgres.database import Database
from services.chassis.postgres.migrations import migrate
from services.chassis.runtime.process import Process
from services.chassis.runtime.settings import Settings
from tests.component.provider import AUDIENCE, NAMESPACE

AnySettings = TypeVar("AnySettings", bound=Settings)

KEYS = "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
PUBLIC_URL = "http://bookwith.example"
SERVICES = Path(__file__).parents[2] / "services"

# Every line that services log in this process, in the order in which they were written.
LOGGED = io.StringIO()


@contextmanager
def without_environment() -> Iterator[None]:
    """Hide BOOKWITH_ variables of the shell: a test names each setting that it needs."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith("BOOKWITH_")}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def settings(
    kind: type[AnySettings], url: str, kafka: str, issuer: str, **more: Any
) -> AnySettings:
    """Return a service's settings, named one by one."""
    with without_environment():
        return kind(
            database_url=url,
            kafka_bootstrap_servers=kafka,
            oidc_issuer=issuer,
            oidc_audience=AUDIENCE,
            organization_namespace=NAMESPACE,
            public_url=PUBLIC_URL,
            token_keys=KEYS,
            http_port=1,
            **more,
        )


def migrated(url: str, service: str) -> str:
    """Bring the database to the service's newest schema; return its address."""
    migrate(url, SERVICES / service / "migrations")
    return url


@dataclass(slots=True)
class Running:
    """A process of the service, a client of its HTTP API, and a connection to its database."""

    process: Process
    http: httpx.AsyncClient
    database: Database
    kafka: str

    async def wait_until_consuming(self) -> None:
        """Wait until the consumers have their partitions; without it the first event would wait."""
        async with asyncio.timeout(30):
            while (await self.http.get("/readyz")).json()["degraded"]:
                await asyncio.sleep(0.02)

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return what the query finds in the service's database."""
        async with self.database.connection() as connection:
            cursor = await connection.execute(query.encode(), values)
            return await cursor.fetchall()


@asynccontextmanager
async def running(
    build: Callable[[Any, frozenset[str]], Process], chosen: Settings, *roles: str
) -> AsyncIterator[Running]:
    """Run a process of the service in these roles."""
    _forget_cached_loggers()
    with redirect_stdout(LOGGED):
        process = build(chosen, frozenset(roles))
    for step in process.open:
        await step()
    database = Database(chosen.database_url, size=4)
    await database.open()
    tasks = [asyncio.ensure_future(part.run()) for part in process.parts]
    transport = httpx.ASGITransport(app=process.app)  # type: ignore[arg-type] # every process has one
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        started = Running(process, client, database, chosen.kafka_bootstrap_servers)
        await started.wait_until_consuming()
        yield started
    for part in process.parts:
        if part.stop is not None:
            await part.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await database.close()
    for step in process.close:
        with suppress(TimeoutError):
            await asyncio.wait_for(step(), 10)


def _forget_cached_loggers() -> None:
    """Let module loggers follow this process's stream: each keeps the first one that it used."""
    for name, module in list(sys.modules.items()):
        if name.startswith("services."):
            cached = getattr(module, "log", None)
            if cached is not None:
                vars(cached).pop("bind", None)
