"""How much a visitor loads before the first time to pick is there, and in how many requests."""

import re
from collections.abc import AsyncIterator

import pytest

from services.chassis.web.assets import assets
from tests.component.booking.booking_service import BookingService, Organizer, day
from tests.component.booking.browsing import Visitor, browsing, offer
from tests.component.booking.conftest import FreeTimesServer

MOST_BYTES = 60_000


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


async def test_the_page_to_pick_a_time_has_its_times_at_once_and_is_under_60_kb(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, *(day(number, hour) for number in range(1, 28) for hour in range(8, 16)))

    page = await visitor.open(f"{kind['url']}?tz=Europe/Copenhagen")
    names = re.findall(r'(?:href|src)="/assets/[0-9a-f]+/([\w.-]+)"', page.text)
    # The style sheet loads the typeface; its second file only for letters that are not on the page.
    loaded = [assets()[name] for name in (*names, "figtree.woff2")]
    bytes_loaded = len(page.content) + sum(len(each.packed or each.content) for each in loaded)

    assert 'name="start"' in page.text
    assert ["bookwith.css", "bookwith.js", "icon.svg"] == sorted(set(names))
    assert bytes_loaded < MOST_BYTES


async def test_files_are_packed_for_who_takes_that_and_pages_never_are(
    anna: Organizer, visitor: Visitor
) -> None:
    kind = await anna.meeting_type()
    page = await visitor.http.get(
        (await visitor.open(kind["url"])).url, headers={"Accept-Encoding": "gzip"}
    )
    [address] = re.findall(r'href="(/assets/[^"]*\.css)"', page.text)

    packed = await visitor.http.get(address, headers={"Accept-Encoding": "gzip"})
    plain = await visitor.http.get(address, headers={"Accept-Encoding": "gzip;q=0"})

    assert "content-encoding" not in page.headers
    assert ("gzip", None) == (
        packed.headers.get("content-encoding"),
        plain.headers.get("content-encoding"),
    )
    assert packed.content == plain.content
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "immutable" in packed.headers["cache-control"]
