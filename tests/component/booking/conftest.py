"""Booking with real PostgreSQL and Kafka; the tests publish as availability and policy."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.booking.app import build
from services.booking.read_models import MODELS
from services.booking.settings import BookingSettings
from tests.component.booking.booking_service import BookingService, FakeAvailability, Organizer
from tests.component.kafka import OtherServices, TopicReader, skip_to_the_end
from tests.component.provider import Provider, serving
from tests.component.rebuilding import assert_rebuilt_alike, from_now_on
from tests.component.running import migrated, running, settings


@dataclass(slots=True)
class FreeTimesServer:
    """Serves availability's free times: the slots that a test sets; keeps the requests.

    `explained` is what it says of any time to the organizer, if a test sets it.
    """

    requests: list[tuple[dict[str, str], dict[str, str]]] = field(default_factory=list)
    slots: list[dict[str, str]] = field(default_factory=list)
    explained: dict[str, Any] | None = None

    def __call__(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Any:
        """Answer what booking asks another service."""
        self.requests.append((query, headers))
        if path == "/api/availability/v1/explain":
            return self.explained
        assert path == "/api/availability/v1/slots"
        return {"slots": self.slots, "computed_at": "2026-01-01T00:00:00Z", "stale": False}


@pytest.fixture(scope="package")
def free_times_server() -> Iterator[tuple[FreeTimesServer, str]]:
    server = FreeTimesServer()
    with serving(server) as address:
        yield server, address


@pytest.fixture
def free_times(free_times_server: tuple[FreeTimesServer, str]) -> FreeTimesServer:
    """The free times that availability offers: none until the test adds some."""
    free_times_server[0].requests.clear()
    free_times_server[0].slots.clear()
    free_times_server[0].explained = None
    return free_times_server[0]


@pytest.fixture(scope="package")
async def service(
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    other_services: OtherServices,
    topics: TopicReader,
    free_times_server: tuple[FreeTimesServer, str],
) -> AsyncIterator[BookingService]:
    """Booking without its timers: a deadline must decide before any timer has fired."""
    chosen = settings(
        BookingSettings,
        migrated(database_url_factory("booking"), "booking"),
        kafka_bootstrap,
        sign_in.issuer,
        availability_url=free_times_server[1],
        link_minimum_seconds=1,
        verdict_wait_seconds=5,
        # All tests come from one network, and fill forms in faster than people.
        budget_factor=1_000_000,
        form_minimum_seconds=0,
    )
    availability = FakeAvailability(other_services)
    await skip_to_the_end(kafka_bootstrap, "booking")
    later = await from_now_on(kafka_bootstrap)
    topics.listeners.append(availability.on_record)
    async with running(build, chosen, "http", "relay", "consumers") as process:
        yield BookingService(process, other_services, availability, topics, sign_in, chosen)
        # Whatever the tests have done: the read models are what the log and the topics say, once
        # bookings that a test has made older in the list are as old as they are.
        await process.rows(
            "UPDATE bookings b SET created_at = e.time FROM events e"
            " WHERE e.stream = 'booking-' || b.id AND e.version = 1 RETURNING 1"
        )
        await assert_rebuilt_alike(chosen.database_url, MODELS, later, "booking")
    topics.listeners.remove(availability.on_record)


@pytest.fixture(scope="package")
async def short_holds(service: BookingService) -> AsyncIterator[BookingService]:
    """Another process of booking, whose holds last a third of a second."""
    async with service.another_process(hold_seconds=0.3) as other:
        yield other


@pytest.fixture(scope="package")
async def no_waiting(service: BookingService) -> AsyncIterator[BookingService]:
    """Another process of booking, which answers 202 instead of waiting for a verdict."""
    async with service.another_process(verdict_wait_seconds=0.05) as other:
        yield other


@pytest.fixture
async def anna(service: BookingService) -> Organizer:
    """An organizer of this test alone, with an open page."""
    return await service.organizer()
