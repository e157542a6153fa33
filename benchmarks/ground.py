"""What the benchmarks stand on: databases of their own and topics of their own on the stack."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import psycopg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.stack import LocalStack
from services.chassis.postgres.database import Database

PARTITIONS = 12


@dataclass(frozen=True, slots=True)
class Ground:
    """PostgreSQL and Kafka."""

    stack: LocalStack

    @property
    def kafka(self) -> str:
        return self.stack.kafka

    def new_database(self, name: str, schema: Sequence[str] = ()) -> str:
        """Make a database with the schema and return its address."""
        with psycopg.connect(self.stack.database_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = self.stack.database_url(name)
        with psycopg.connect(url) as connection:
            for part in schema:
                connection.execute(part.encode())
        return url

    async def new_topic(self, name: str, partitions: int = PARTITIONS) -> str:
        """Make a topic and return its name."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, partitions, 1)])
            while True:  # the broker hears of it from the controller
                if name in await admin.list_topics():
                    break
                await asyncio.sleep(0.01)
        finally:
            await admin.close()
        return name


@contextmanager
def laid() -> Iterator[Ground]:
    """Start PostgreSQL and Kafka without any service."""
    with LocalStack(services=False, parts=("postgres", "kafka")) as stack:
        yield Ground(stack)


@asynccontextmanager
async def opened(url: str, *, size: int) -> AsyncIterator[Database]:
    """Open a pool with all its connections there."""
    database = Database(url, size=size)
    await database.open()
    await database._pool.resize(size, size)  # noqa: SLF001 -- no sample pays for a connection
    await database._pool.wait()  # noqa: SLF001
    try:
        yield database
    finally:
        await database.close()


async def execute(url: str, *statements: str) -> None:
    """Run statements one by one, outside a transaction."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())
