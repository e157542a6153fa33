"""What every service's tests share: a sign-in, the neighbours, a reader of all topics."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.component.kafka import Neighbour, Topics, neighbour, topics
from tests.component.provider import Provider, serving


@pytest.fixture(scope="session")
def sign_in() -> Iterator[Provider]:
    """An OpenID provider that signs for anybody."""
    provider = Provider()
    with serving(provider) as provider.issuer:
        yield provider


@pytest.fixture(scope="session", name="neighbour")
async def playing_neighbour(kafka_bootstrap: str) -> AsyncIterator[Neighbour]:
    """All services but the one that runs."""
    async with neighbour(kafka_bootstrap) as played:
        yield played


@pytest.fixture(scope="session", name="topics")
async def reading_topics(kafka_bootstrap: str) -> AsyncIterator[Topics]:
    """A subscriber to everything."""
    async with topics(kafka_bootstrap) as read:
        yield read
