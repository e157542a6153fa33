"""What tests stand on: real PostgreSQL and real Kafka, once for the whole session."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest

from deploy.local.stack import LocalStack

DatabaseUrl = Callable[[str], str]


@pytest.fixture(scope="session")
def foundation() -> Iterator[LocalStack]:
    """PostgreSQL and Kafka with every topic, without any service."""
    with LocalStack(services=False, parts=("postgres", "kafka")) as stack:
        command = [sys.executable, "-m", "services.operations", "create-topics"]
        servers = {"BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": stack.kafka}
        subprocess.run(command, check=True, env={**os.environ, **servers})
        yield stack


@pytest.fixture(scope="session")
def kafka_bootstrap(foundation: LocalStack) -> str:
    """Kafka's address; the topics of the registry are there."""
    return foundation.kafka


@pytest.fixture(scope="session")
def database_url_factory(foundation: LocalStack) -> DatabaseUrl:
    """Return what makes an empty database and gives its address."""
    numbers = itertools.count(1)

    def make(name: str) -> str:
        database = f"{name}_{next(numbers)}"
        with psycopg.connect(foundation.database_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return foundation.database_url(database)

    return make
