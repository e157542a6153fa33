"""Availability with real PostgreSQL and Kafka; booking is played."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from services.availability.app import build
from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.command_line import ROLES
from tests.component.availability.diary import Desk, Diary
from tests.component.kafka import Neighbour, Topics, begin_here
from tests.component.provider import Provider
from tests.component.running import migrated, running, settings

numbers = itertools.count(1)


@pytest.fixture(scope="package")
async def desk(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    neighbour: Neighbour,
    topics: Topics,
) -> AsyncIterator[Desk]:
    held = settings(
        AvailabilitySettings,
        migrated(database_url_factory("availability"), "availability"),
        kafka_bootstrap,
        sign_in.issuer,
    )
    await begin_here(kafka_bootstrap, "availability")
    async with running(build, held, *ROLES) as process:
        yield Desk(process, neighbour, topics, sign_in)


@pytest.fixture
def stranger(desk: Desk) -> Diary:
    """An organizer of whom availability has heard nothing."""
    identity = f"diarist-{next(numbers)}"
    return Diary(desk, identity, desk.sign_in.id_of(identity))


@pytest.fixture
async def anna(stranger: Diary) -> Diary:
    """An organizer of this test alone, whose page is open."""
    await stranger.open()
    return stranger
