"""The organizer's own pages, by a browser without scripts: first visit, types, links, settings."""

from collections.abc import AsyncIterator

import pytest

from tests.component.booking.booking_service import BookingService, Organizer
from tests.component.booking.browsing import Visitor, heading, signed_in
from tests.component.running import PUBLIC_URL


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Visitor]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Visitor(client)


async def test_a_first_visit_leads_from_one_press_to_a_shared_private_link(
    service: BookingService,
) -> None:
    newcomer = service.without_page()
    await service.grant(newcomer)
    async with signed_in(newcomer) as client:
        desk = Visitor(client)
        welcome = await desk.open("/organizer")
        name = await desk.submit(welcome, "/welcome")
        zone = await desk.submit(name, "/name", handle=newcomer.identity)
        hours = await desk.submit(zone, "/zone", time_zone="Asia/Tokyo", locale="da")
        kind = await desk.submit(hours, "/hours", hours="calendar")
        share = await desk.submit(
            kind,
            "/type",
            **{
                "title": "Advice",
                "durations": "45, 20",
                "visibility": "private",
                "place-0-kind": "they_call",
                "place-0-text": "",
            },
        )
        shared = await desk.submit(share, "/share")

    assert "Welcome to your booking page" == heading(welcome)
    assert "Your page is ready" == heading(shared)
    page = await newcomer.body_of("GET", "/page")
    assert (newcomer.identity, "Asia/Tokyo", True) == (
        page["handle"],
        page["time_zone"],
        page["published"],
    )
    assert f"{PUBLIC_URL}/p/" in shared.text


async def test_get_pages(desk: Visitor, anna: Organizer) -> None:
    kind = await anna.meeting_type(visibility="private")
    public = await anna.meeting_type()
    link = await anna.link(kind)
    for path in (
        "/organizer",
        "/organizer/types",
        "/organizer/types/new",
        f"/organizer/types/{kind['id']}",
        f"/organizer/types/{kind['id']}/links",
        f"/organizer/types/{kind['id']}/delete",
        f"/organizer/types/{public['id']}/share",
        f"/organizer/types/{public['id']}/qr.svg",
        "/organizer/links",
        f"/organizer/links/{link['id']}",
        f"/organizer/links/{link['id']}/revoke",
        "/organizer/page",
        "/organizer/page/renew",
        "/organizer/page/share",
        "/organizer/page/export.json",
    ):
        seen = await desk.open(path)
        assert (path, 200) == (path, seen.status_code), seen.text
