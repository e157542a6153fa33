"""Availability with real PostgreSQL and Kafka; the tests publish booking's events."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from services.availability.app import build
from services.availability.read_models import MODELS
from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.command_line import ROLES
from services.chassis.runtime.process import Process
from tests.component.availability.organizer import Availability, Organizer
from tests.component.availability.scripted_calendar import ScriptedCalendars
from tests.component.kafka import OtherServices, TopicReader, skip_to_the_end
from tests.component.provider import Provider
from tests.component.rebuilding import assert_rebuilt_alike, from_now_on
from tests.component.running import migrated, running, settings

numbers = itertools.count(1)


@pytest.fixture(scope="package")
def calendars() -> ScriptedCalendars:
    """The calendars that organizers connect."""
    return ScriptedCalendars()


@pytest.fixture(scope="package")
async def availability(
    calendars: ScriptedCalendars,
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    other_services: OtherServices,
    topics: TopicReader,
) -> AsyncIterator[Availability]:
    held = settings(
        AvailabilitySettings,
        migrated(database_url_factory("availability"), "availability"),
        kafka_bootstrap,
        sign_in.issuer,
        calendar_seconds=3600,  # tests say when a calendar is read
        calendar_fresh_seconds=7200,
    )

    def with_calendars(chosen: AvailabilitySettings, roles: frozenset[str]) -> Process:
        return build(chosen, roles, {"caldav": calendars.adapter})

    await skip_to_the_end(kafka_bootstrap, "availability")
    later = await from_now_on(kafka_bootstrap)
    async with running(with_calendars, held, *ROLES) as process:
        yield Availability(process, other_services, topics, sign_in)
        # Whatever the tests have done: what stands there is what came of the events.
        await assert_rebuilt_alike(held.database_url, MODELS, later, "availability")


@pytest.fixture
def organizer(availability: Availability) -> Organizer:
    """An organizer of this test alone, about whom availability has no event yet."""
    identity = f"organizer-{next(numbers)}"
    return Organizer(availability, identity, availability.sign_in.id_of(identity))


@pytest.fixture
async def anna(organizer: Organizer) -> Organizer:
    """The organizer of this test, with an open page."""
    await organizer.open()
    return organizer
