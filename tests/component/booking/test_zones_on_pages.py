"""Time zones on the attendee pages: aliases, browsers that hide theirs, a day kept in another."""

import html
import re
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import Visitor, browsing, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import PUBLIC_URL

_ZONES = re.compile(r'href="([^"]*zones=all[^"]*)"')
_ZONE_FORM = re.compile(r'<form method="get" action="([^"]*)" class="zones">(.*?)<h2>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_STARTS = re.compile(r'name="start" value="([^"]*)"')
_LINK = re.compile(r'<a href="([^"]*)" rel="nofollow">Show the times as ')


@pytest.fixture
async def visitor(service: BookingService) -> AsyncIterator[Visitor]:
    async with browsing(service) as client:
        yield Visitor(client)


def local_day(instant: str, zone: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date().isoformat()


async def all_zones(visitor: Visitor, page: httpx.Response) -> httpx.Response:
    """Follow the link to the page of zones."""
    found = _ZONES.search(page.text)
    assert found is not None, page.text
    return await visitor.http.get(html.unescape(found[1]))


async def in_zone(visitor: Visitor, page: httpx.Response, zone: str) -> httpx.Response:
    """Choose another zone on the page of zones."""
    zones = await all_zones(visitor, page)
    found = _ZONE_FORM.search(zones.text)
    assert found is not None, zones.text
    assert f'name="tz" value="{zone}"' in zones.text
    action, inside = found.groups()
    kept = {name: html.unescape(value) for name, value in _HIDDEN.findall(inside)}
    return await visitor.http.get(html.unescape(action), params={**kept, "tz": zone})


async def test_an_alias_is_shown_by_todays_name_and_the_list_offers_no_other(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))

    shown = await visitor.open(f"{kind['url']}?tz=Asia/Calcutta")
    zones = (await all_zones(visitor, shown)).text

    assert "<bdi>Asia/Kolkata (UTC+05:30)</bdi>" in shown.text
    assert '<button name="tz" value="Asia/Kolkata">Kolkata <span>UTC+05:30 ' in zones
    assert "Calcutta" not in shown.text + zones
    assert "Kiev" not in zones
    assert "Asia/Kolkata" == free_times.requests[-1][0]["time_zone"]


async def test_a_zone_that_the_list_does_not_offer_can_be_kept(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))

    shown = await visitor.open(f"{kind['url']}?tz=Etc/GMT%2B5")
    zones = (await all_zones(visitor, shown)).text

    assert "Times are shown in <bdi>Etc/GMT+5 (UTC-05:00)</bdi>" in zones
    assert "tz=Etc%2FGMT%2B5" in zones


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("danmark", {"Europe/Copenhagen", "Europe/Berlin", "America/Danmarkshavn"}),
        ("Calcutta", {"Asia/Kolkata"}),
        ("são paulo", {"America/Sao_Paulo"}),
        ("+5:45", {"Asia/Kathmandu"}),
        ("nowhere at all", set()),
    ],
)
async def test_a_zone_is_found_by_country_older_name_or_distance(
    anna: Organizer, visitor: Visitor, words: str, found: set[str]
) -> None:
    kind = await anna.meeting_type()
    path = kind["url"].removeprefix(PUBLIC_URL)

    shown = await visitor.http.get(path, params={"zones": words, "lang": "da"})

    assert found == set(re.findall(r'name="tz" value="([^"]*)"', shown.text))


async def test_the_api_keeps_an_alias_under_todays_name(
    service: BookingService, anna: Organizer
) -> None:
    await anna.body_of("PUT", "/page", {**anna.profile, "time_zone": "Europe/Kiev"})
    kind = await anna.meeting_type()
    booked = await service.held(kind, day(3), attendee=vera(time_zone="US/Pacific"))

    assert "Europe/Kyiv" == (await anna.body_of("GET", "/page"))["time_zone"]
    assert "Europe/Kyiv" == kind["organizer_time_zone"]
    assert "America/Los_Angeles" == booked["attendee"]["time_zone"]


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Etc/GMT", "GMT", "Atlantic/Reykjavik"])
async def test_a_zone_that_may_hide_the_visitors_has_the_organizers_beside_it(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer, zone: str
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3, 23, 30))

    hidden = await visitor.open(f"{kind['url']}?tz={zone}&day={day(3)[:10]}")
    [way] = _LINK.findall(hidden.text)
    beside = await visitor.open(html.unescape(way))

    assert "Some browsers hide their own time zone behind this one." in hidden.text
    assert "<bdi>Europe/Copenhagen (UTC+0" in hidden.text
    assert "<strong><bdi>Europe/Copenhagen (UTC+0" in beside.text
    assert [day(3, 23, 30)] == _STARTS.findall(beside.text)
    assert "hide their own time zone" not in beside.text


async def test_a_booking_in_a_zone_that_may_hide_the_visitors_shows_the_organizers_time(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))
    shown = await visitor.open(f"{kind['url']}?tz=UTC&day={day(3)[:10]}")

    held = await visitor.choose(kind["url"], day(3), on=shown)

    assert "<bdi>UTC. For Anna (Department of Bridges): " in held.text
    assert "(Europe/Copenhagen, UTC+0" in held.text


async def test_a_zone_that_is_the_organizers_too_hides_nothing(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    await anna.body_of("PUT", "/page", {**anna.profile, "time_zone": "Etc/UTC"})
    kind = await anna.meeting_type()
    offer(free_times, day(3))

    shown = (await visitor.open(f"{kind['url']}?tz=UTC")).text

    assert "hide their own time zone" not in shown
    assert "<strong><bdi>UTC</bdi></strong>" in shown


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Europe/Copenhagen", "America/Los_Angeles"),
        ("America/Los_Angeles", "Pacific/Auckland"),
        ("Pacific/Auckland", "Asia/Kolkata"),
    ],
)
async def test_another_zone_keeps_the_day_that_holds_the_times_that_were_shown(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer, first: str, second: str
) -> None:
    kind = await anna.meeting_type()
    times = [day(distance, hour) for distance in (3, 4, 5) for hour in (1, 5, 12, 18, 22)]
    offer(free_times, *times)
    chosen = local_day(times[6], first)

    before = await visitor.open(f"{kind['url']}?tz={first}&day={chosen}")
    after = await in_zone(visitor, before, second)
    seen, kept = _STARTS.findall(before.text), _STARTS.findall(after.text)

    assert [each for each in times if local_day(each, first) == chosen] == seen
    assert 1 == len({local_day(each, second) for each in kept})
    assert 2 * len({*seen} & {*kept}) >= len(seen) > 0
    assert not re.search(r'href="[^"]*day=[^"]*[?;]at=', after.text)


async def test_a_day_without_times_stays_the_same_date_in_another_zone(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    empty = day(4)[:10]

    before = await visitor.open(f"{kind['url']}?tz=Asia/Tokyo&day={empty}")
    after = await in_zone(visitor, before, "America/New_York")

    assert after.url.params["day"] == empty


@pytest.mark.parametrize("at", ["", "now", "2026-12-07", "2026-12-07T09:00", "9999-12-31T23:59Z"])
async def test_an_instant_that_is_none_asks_for_nothing(
    anna: Organizer, visitor: Visitor, free_times: FreeTimesServer, at: str
) -> None:
    kind = await anna.meeting_type()
    offer(free_times, day(3))

    shown = await visitor.http.get(
        (await visitor.open(kind["url"])).url.path, params={"at": at, "tz": "Pacific/Kiritimati"}
    )

    assert [day(3)] == _STARTS.findall(shown.text)
