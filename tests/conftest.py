"""What tests stand on: real PostgreSQL and real Kafka, once for the whole session."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from tests.domain_tests import is_domain_test

# What servers need is imported where it is used: the domain's tests run without all of it.
if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

    from tests.containers import Foundation

# Of 100 that `make test` tries: a quick run, and one on each broken copy.
QUICK_EXAMPLES, MUTANT_EXAMPLES = 8, 15

DatabaseUrl = Callable[[str], str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the option that leaves out whatever needs more than the standard library."""
    parser.addoption("--domain", action="store_true", help="only the tests of the services' domain")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out, without importing it, what is not the domain's."""
    asked = config.getoption("--domain") and collection_path.suffix == ".py"
    return True if asked and not is_domain_test(collection_path) else None


def pytest_configure(config: pytest.Config) -> None:
    """Prepare hypothesis for a quick run; say at once when the chosen foundation cannot be had."""
    if config.getoption("--domain"):
        settings.register_profile("domain", max_examples=QUICK_EXAMPLES, derandomize=True)
        # Of a broken copy it is enough to know that it is broken: no smaller example is looked for.
        found = [Phase.explicit, Phase.generate]
        settings.register_profile(
            "mutant", max_examples=MUTANT_EXAMPLES, derandomize=True, phases=found
        )
        settings.load_profile("mutant" if "MUTANT_UNDER_TEST" in os.environ else "domain")
    if not os.environ.get("BOOKWITH_TEST_STACK"):
        return
    from tests import containers

    try:
        containers.choice()
    except containers.WrongFoundation as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling":
    """Divide the tests of `make test` between its processes."""
    from tests.two_processes import TwoGroups

    return TwoGroups(config, log)


@pytest.fixture(scope="session")
def foundation() -> Iterator["Foundation"]:
    """PostgreSQL and Kafka with every topic, without any service."""
    from tests import containers

    with containers.chosen() as stack:
        command = [sys.executable, "-m", "services.operations", "create-topics"]
        servers = {"BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": stack.kafka}
        subprocess.run(command, check=True, env={**os.environ, **servers})
        yield stack


@pytest.fixture(scope="session")
def kafka_bootstrap(foundation: "Foundation") -> str:
    """Kafka's address; the topics of the registry are there."""
    return foundation.kafka


@pytest.fixture(scope="session")
def database_url_factory(foundation: "Foundation") -> DatabaseUrl:
    """Return what makes an empty database and gives its address."""
    import psycopg

    numbers = itertools.count(1)

    def make(name: str) -> str:
        database = f"{name}_{next(numbers)}"
        with psycopg.connect(foundation.database_url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return foundation.database_url(database)

    return make
