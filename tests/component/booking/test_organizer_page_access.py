"""Each of the organizers' pages by each kind of visitor: only whose things they are sees them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.booking.web.organizer.routers import ROUTERS
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import browsing, offer, signed_in
from tests.component.booking.conftest import FreeTimesServer
from tests.component.booking.organizer_desk import names_in_addresses


def routes() -> Iterator[tuple[str, str]]:
    """Yield method and path of each page and form."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})


PAGES = sorted(path for method, path in routes() if method == "GET")
FORMS = sorted(path for method, path in routes() if method == "POST")


@pytest.fixture
async def things(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> dict[str, Any]:
    """One of each thing that Anna has, by its name in addresses."""
    kind = await anna.meeting_type()
    private = await anna.meeting_type(visibility="private")
    link = await anna.link(private)
    booked = await service.booked(kind, day(3))
    offer(free_times, day(30))
    times = {"meeting_type_id": private["id"], "starts": [day(30)]}
    offered = await anna.body_of("POST", "/offers", times)
    return names_in_addresses(kind, link, booked, offered)


async def test_nobody_sees_a_page_without_signing_in(
    service: BookingService, things: dict[str, Any]
) -> None:
    async with browsing(service) as stranger:
        for template in PAGES:
            answer = await stranger.get(template.format(**things), follow_redirects=False)

            assert 303 == answer.status_code, template
            assert answer.headers["location"].startswith("/sign-in?to="), template


async def test_without_the_role_no_page_is_seen(anna: Organizer, things: dict[str, Any]) -> None:
    async with signed_in(anna, "operator") as operator:
        for template in PAGES:
            assert 403 == (await operator.get(template.format(**things))).status_code, template


async def test_what_is_anothers_is_not_there(
    service: BookingService, things: dict[str, Any]
) -> None:
    bo = await service.organizer()
    await bo.meeting_type()
    async with signed_in(bo) as other:
        for template in PAGES:
            answer = await other.get(template.format(**things), follow_redirects=False)

            if "_id}" in template:
                assert 404 == answer.status_code, template
            elif "{token}" in template:
                assert 410 == answer.status_code, template  # it was mailed to nobody
            else:
                assert answer.status_code in (200, 303), template


async def test_its_organizer_sees_each_page(anna: Organizer, things: dict[str, Any]) -> None:
    async with signed_in(anna) as own:
        for template in PAGES:
            answer = await own.get(template.format(**things), follow_redirects=False)

            seen = (410,) if "{token}" in template else (200, 303)
            assert answer.status_code in seen, (template, answer.status_code)
            assert "no-store" in answer.headers["cache-control"], template
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert "noindex" in answer.headers["x-robots-tag"], template


async def test_a_form_of_nobody_or_without_its_key_does_nothing(
    service: BookingService, anna: Organizer, things: dict[str, Any]
) -> None:
    before = await anna.events()
    async with browsing(service) as stranger, signed_in(anna) as own:
        for template in FORMS:
            path = template.format(**things)
            unknown = await stranger.post(path, data={"x": "y"}, follow_redirects=False)
            keyless = await own.post(path, data={"x": "y"}, follow_redirects=False)

            assert 403 == unknown.status_code, template
            assert keyless.status_code in (303, 403), template
            assert before == await anna.events(), template


async def test_reading_all_pages_changes_nothing(anna: Organizer, things: dict[str, Any]) -> None:
    before = await anna.events()
    async with signed_in(anna) as own:
        for template in PAGES:
            await own.get(template.format(**things))

    assert before == await anna.events()
