"""Policy with real PostgreSQL and Kafka; booking is played."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from services.chassis.events import timers
from services.chassis.runtime.command_line import ROLES
from services.policy.app import build
from services.policy.settings import PolicySettings
from tests.component.kafka import OtherServices, TopicReader, skip_to_the_end
from tests.component.policy.administration import Administration
from tests.component.policy.command_line import Shell, policy_service
from tests.component.policy.provisioning import TOKEN
from tests.component.provider import Provider
from tests.component.running import Running, migrated, running, settings


def several_brokers(kafka_bootstrap: str) -> str:
    """Return a list of brokers in which the first is dead; all tests of policy run with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]},{kafka_bootstrap}"


@pytest.fixture(scope="package")
async def policy(
    database_url_factory: Callable[[str], str], kafka_bootstrap: str, sign_in: Provider
) -> AsyncIterator[Running]:
    held = settings(
        PolicySettings,
        migrated(database_url_factory("policy"), "policy"),
        several_brokers(kafka_bootstrap),
        sign_in.issuer,
        scim_tokens=f"{'o' * 32},{TOKEN}",
        trusted_proxies="127.0.0.1/32",
    )
    await skip_to_the_end(kafka_bootstrap, "policy")
    with pytest.MonkeyPatch.context() as patched:
        # Each test waits for runs over all users, which begin with the next look at the timers.
        patched.setattr(timers, "POLL_SECONDS", 0.02)
        async with running(build, held, *ROLES) as process:
            yield process


@pytest.fixture
async def administration(
    policy: Running, other_services: OtherServices, topics: TopicReader, sign_in: Provider
) -> Administration:
    """An organization in which nothing is set."""
    administration = Administration(policy, other_services, topics, sign_in)
    await administration.organization(None)
    return administration


@pytest.fixture(scope="package", name="policy_address")
def running_beside(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("policy")
    url = database_url_factory("policy_beside")
    with policy_service(url, kafka_bootstrap, sign_in, folder) as address:
        yield address


@pytest.fixture
def shell(policy_address: str, sign_in: Provider, tmp_path: Path) -> Shell:
    """A shell of an administrator, and an organization in which nothing is set."""
    shell = Shell(policy_address, sign_in, tmp_path)
    shell.as_at_first()
    return shell
