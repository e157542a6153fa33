"""A real CalDAV server connected to a running availability: its busy times close slots."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from services.availability.app import build
from services.availability.settings import AvailabilitySettings
from services.chassis.runtime.command_line import ROLES
from tests.caldav_servers import CalDavServer, radicale
from tests.component.availability.organizer import API, Availability, Organizer, monday, stamp
from tests.component.availability.test_organizer_token import token
from tests.component.kafka import OtherServices, TopicReader, eventually, skip_to_the_end
from tests.component.provider import Provider
from tests.component.running import migrated, running, settings
from tests.unit.availability.feeds.feeds import Feed, event

NINE, ELEVEN = monday(9), monday(11)
HALF_HOURS = [stamp(NINE), stamp(monday(9, 30)), stamp(monday(10)), stamp(monday(10, 30))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with radicale(tmp_path_factory.mktemp("radicale")) as started:
        yield started


@pytest.fixture(params=["127.0.0.0/8", ""], ids=["allowed", "not allowed"])
async def connected(
    request: pytest.FixtureRequest,
    database_url_factory: Callable[[str], str],
    kafka_bootstrap: str,
    sign_in: Provider,
    other_services: OtherServices,
    topics: TopicReader,
) -> AsyncIterator[tuple[Availability, str]]:
    """A process that may reach this machine, or may not."""
    held = settings(
        AvailabilitySettings,
        migrated(database_url_factory("connected"), "availability"),
        kafka_bootstrap,
        sign_in.issuer,
        calendar_seconds=0.2,
        calendar_allowed_networks=request.param,
    )
    await skip_to_the_end(kafka_bootstrap, "availability")
    async with running(build, held, *ROLES) as process:
        yield Availability(process, other_services, topics, sign_in), request.param


async def test_a_busy_time_on_the_server_closes_its_slot_and_the_setting_says_who_is_asked(
    connected: tuple[Availability, str], server: CalDavServer
) -> None:
    availability, allowed = connected
    identity = f"organizer-connected-{bool(allowed)}"
    anna = Organizer(availability, identity, sign_in_id(availability, identity))
    await anna.open()
    kind = await anna.offers()
    address = server.make_calendar(identity)
    headers = {"X-Organizer-Token": token(anna.id)}
    body = {"kind": "caldav", "address": address, **given(server)}

    answer = await availability.service.http.post(f"{API}/calendars", headers=headers, json=body)

    if not allowed:
        assert answer.status_code == 422
        assert answer.json()["reason"] == "address_not_allowed"
        return
    assert answer.status_code == 201, answer.text
    assert await availability.starts(kind, NINE, ELEVEN) == HALF_HOURS
    busy = f"DTSTART:{NINE:%Y%m%dT%H%M%SZ}\nDURATION:PT1H"
    server.put(address, "1.ics", Feed("", event(busy)).text)

    async def closed() -> bool:
        return await availability.starts(kind, NINE, ELEVEN) == HALF_HOURS[2:]

    await eventually(closed, "nine o'clock is taken")
    server.delete(address, "1.ics")

    async def open_again() -> bool:
        return await availability.starts(kind, NINE, ELEVEN) == HALF_HOURS

    await eventually(open_again, "nine o'clock is free")


def given(server: CalDavServer) -> dict[str, Any]:
    return {"user_name": server.secrets["user_name"], "password": server.secrets["password"]}


def sign_in_id(availability: Availability, identity: str) -> Any:
    return availability.sign_in.id_of(identity)
