"""Booking with real PostgreSQL and Kafka; availability and policy are played."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.booking.app import build
from services.booking.settings import BookingSettings
from tests.component.booking.office import Availability, Office, Organizer
from tests.component.kafka import OtherServices, TopicReader, skip_to_the_end
from tests.component.provider import Provider, serving
from tests.component.running import migrated, running, settings


@dataclass(slots=True)
class Calendar:
    """Availability's answer to which times are free, recorded; notes what it was asked."""

    asked: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    slots: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Any:
        """Answer the one question that booking asks over HTTP."""
        assert path == "/api/availability/v1/slots"
        self.asked.append((query, headers))
        return {"slots": self.slots, "computed_at": "2026-01-01T00:00:00Z", "stale": False}


@pytest.fixture(scope="package")
def recorded_calendar() -> Iterator[tuple[Calendar, str]]:
    calendar = Calendar()
    with serving(calendar) as address:
        yield calendar, address


@pytest.fixture
def calendar(recorded_calendar: tuple[Calendar, str]) -> Calendar:
    """What availability answers; empty until the test fills it."""
    recorded_calendar[0].asked.clear()
    recorded_calendar[0].slots.clear()
    return recorded_calendar[0]


@pytest.fixture(scope="package")
async def office(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    other_services: OtherServices,
    topics: TopicReader,
    recorded_calendar: tuple[Calendar, str],
) -> AsyncIterator[Office]:
    """Booking without timers: where a deadline decides, no sweeper has been there."""
    held = settings(
        BookingSettings,
        migrated(database_url_factory("booking"), "booking"),
        kafka_bootstrap,
        sign_in.issuer,
        availability_url=recorded_calendar[1],
        link_minimum_seconds=1,
        verdict_wait_seconds=5,
    )
    availability = Availability(other_services)
    await skip_to_the_end(kafka_bootstrap, "booking")
    topics.listeners.append(availability.on_record)
    async with running(build, held, "http", "relay", "consumers") as process:
        yield Office(process, other_services, availability, topics, sign_in, held)
    topics.listeners.remove(availability.on_record)


@pytest.fixture(scope="package")
async def hasty(office: Office) -> AsyncIterator[Office]:
    """Another process of booking, whose holds last a third of a second."""
    async with office.another(hold_seconds=0.3) as other:
        yield other


@pytest.fixture(scope="package")
async def impatient(office: Office) -> AsyncIterator[Office]:
    """Another process of booking, which waits for nobody's verdict."""
    async with office.another(verdict_wait_seconds=0.05) as other:
        yield other


@pytest.fixture
async def anna(office: Office) -> Organizer:
    """An organizer of this test alone, with an open page."""
    return await office.organizer()
