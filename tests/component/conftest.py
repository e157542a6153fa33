"""What the tests of every service share: an OpenID provider, the other services, the topics."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.component.kafka import (
    OtherServices,
    TopicReader,
    publishing_as_other_services,
    topic_reader,
)
from tests.component.provider import Provider, serving


@pytest.fixture(scope="session")
def sign_in() -> Iterator[Provider]:
    """An OpenID provider that signs a token for anybody."""
    provider = Provider()
    with serving(provider) as provider.issuer:
        yield provider


@pytest.fixture(scope="session", name="other_services")
async def other_services_fixture(kafka_bootstrap: str) -> AsyncIterator[OtherServices]:
    """Publish in the name of all services but the one that runs."""
    async with publishing_as_other_services(kafka_bootstrap) as services:
        yield services


@pytest.fixture(scope="session", name="topics")
async def reading_topics(kafka_bootstrap: str) -> AsyncIterator[TopicReader]:
    """Read every topic."""
    async with topic_reader(kafka_bootstrap) as read:
        yield read
