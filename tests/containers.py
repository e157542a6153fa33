"""Where the tests' PostgreSQL and Kafka come from: the local stack, or a Docker engine."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient, get_docker_host
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.addresses import HOST
from deploy.local.kafka import broker, jars
from deploy.local.stack import LocalStack

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = f"apache/kafka:{jars.VERSION}"
CONTROLLER_PORT = 9093
# Sorted as in the local stack, and as many connections as there.
INITDB_ARGUMENTS = "--encoding=UTF8 --locale=C.UTF-8"
POSTGRES_COMMAND = "postgres -c max_connections=200 -c jit=off -c timezone=UTC -c log_timezone=UTC"


class WrongFoundation(Exception):
    """The tests cannot stand on what was chosen; the words say why."""


class Foundation(Protocol):
    """A PostgreSQL and a Kafka that are ready."""

    @property
    def kafka(self) -> str:
        """Return the bootstrap servers."""
        ...

    def database_url(self, database: str) -> str:
        """Return the URL of one database; `postgres` is always there."""
        ...


@dataclass(frozen=True, slots=True)
class Containers:
    """The foundation in two containers."""

    kafka: str
    postgres: str

    def database_url(self, database: str) -> str:
        return f"{self.postgres}/{database}"


def choice() -> str:
    """Return what BOOKWITH_TEST_STACK says, if it can be had."""
    chosen = os.environ.get("BOOKWITH_TEST_STACK") or "local"
    if chosen not in ("local", "containers"):
        raise WrongFoundation(
            f"BOOKWITH_TEST_STACK is {chosen!r}; it should be: local or containers"
        )
    if chosen == "containers":
        _ask_engine()
    return chosen


def chosen() -> AbstractContextManager[Foundation]:
    """Return the foundation that BOOKWITH_TEST_STACK names."""
    if choice() == "containers":
        return containers()
    return LocalStack(services=False, parts=("postgres", "kafka"))


@contextmanager
def containers() -> Iterator[Foundation]:
    """Run PostgreSQL and Kafka on this machine's Docker engine."""
    with _postgres() as postgres, _kafka() as kafka:
        yield Containers(kafka=kafka, postgres=postgres)


@contextmanager
def _postgres() -> Iterator[str]:
    image = os.environ.get("BOOKWITH_TEST_POSTGRES_IMAGE") or POSTGRES_IMAGE
    port, password = _free_port(), secrets.token_hex(16)
    container = PostgresContainer(
        image, username="postgres", password=password, dbname="postgres", driver=None
    )
    container.with_env("POSTGRES_INITDB_ARGS", INITDB_ARGUMENTS).with_command(POSTGRES_COMMAND)
    _publish(container, 5432, port)
    with container:
        yield f"postgresql://postgres:{password}@{HOST}:{port}"


@contextmanager
def _kafka() -> Iterator[str]:
    image = os.environ.get("BOOKWITH_TEST_KAFKA_IMAGE") or KAFKA_IMAGE
    port = _free_port()
    container = DockerContainer(image, env=kafka_environment(port))
    container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))
    _publish(container, port, port)
    with container:
        yield f"{HOST}:{port}"


def kafka_environment(port: int) -> dict[str, str]:
    """Return the local broker's settings as the variables that the public image reads.

    The port is the same inside and outside, so that the one advertised address is right for
    clients and for the broker itself.
    """
    properties = broker.server_properties(Path("/tmp/kafka-logs"), port, CONTROLLER_PORT)
    settings = dict(line.split("=", 1) for line in properties.splitlines())
    settings["listeners"] = f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://{HOST}:{CONTROLLER_PORT}"
    named = {f"KAFKA_{name.upper().replace('.', '_')}": text for name, text in settings.items()}
    return {**named, "KAFKA_HEAP_OPTS": "-Xmx256m"}


def _ask_engine() -> None:
    try:
        DockerClient().client.ping()
    except Exception as error:  # docker's own, and whatever its transports raise
        asked = get_docker_host() or "the usual socket"
        raise WrongFoundation(
            f"no Docker engine answers at {asked}: start one or set DOCKER_HOST, "
            "or leave BOOKWITH_TEST_STACK out and use the local stack"
        ) from error


def _publish(container: DockerContainer, inside: int, outside: int) -> None:
    # By itself testcontainers publishes on every interface. Docker takes an address with the port.
    container.ports[f"{inside}/tcp"] = (HOST, outside)  # type: ignore[assignment] # typed too narrowly


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
