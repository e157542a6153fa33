"""What tests stand on: real PostgreSQL and real Kafka, once for the whole session."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests import containers
from tests.containers import Foundation

DatabaseUrl = Callable[[str], str]


def pytest_configure() -> None:
    """Say in one line, before anything runs, that the chosen foundation cannot be had."""
    try:
        containers.choice()
    except containers.WrongFoundation as error:
        raise pytest.UsageError(str(error)) from error


@pytest.fixture(scope="session")
def foundation() -> Iterator[Foundation]:
    """PostgreSQL and Kafka with every topic, without any service."""
    with containers.chosen() as stack:
        command = [sys.executable, "-m", "services.operations", "create-topics"]
        servers = {"BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": stack.kafka}
        subprocess.run(command, check=True, env={**os.environ, **servers})
        yield stack


@pytest.fixture(scope="session")
def kafka_bootstrap(foundation: Foundation) -> str:
    """Kafka's address; the topics of the registry are there."""
    return foundation.kafka


@pytest.fixture(scope="session")
def database_url_factory(foundation: Foundation) -> DatabaseUrl:
    """Return what makes an empty database and gives its address."""
    numbers = itertools.count(1)

    def make(name: str) -> str:
        database = f"{name}_{next(numbers)}"
        with psycopg.connect(foundation.database_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return foundation.database_url(database)

    return make
