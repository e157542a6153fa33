"""The organizer's first visit, and the page's own switch, by a browser without scripts."""

from collections.abc import AsyncIterator

import pytest

from tests.component.booking.booking_service import BookingService, Organizer, day, vera
from tests.component.booking.browsing import browsing, heading, signed_in
from tests.component.booking.form_reading import form_to
from tests.component.booking.organizer_desk import Desk
from tests.component.kafka import eventually
from tests.component.running import PUBLIC_URL


@pytest.fixture
async def desk(anna: Organizer) -> AsyncIterator[Desk]:
    """Anna in front of her own pages."""
    async with signed_in(anna) as client:
        yield Desk(client)


@pytest.fixture
async def newcomer(service: BookingService) -> Organizer:
    """Somebody who is allowed to have a page and has none yet."""
    organizer = service.without_page()
    await service.grant(organizer)
    return organizer


async def test_a_first_visit_leads_from_one_press_to_a_shared_private_link(
    service: BookingService, newcomer: Organizer
) -> None:
    async with signed_in(newcomer) as client, browsing(service) as stranger:
        desk = Desk(client)
        welcome = await desk.open("/organizer")
        name = await desk.send(welcome, "/welcome")
        zone = await desk.send(name, "/name", {"handle": newcomer.identity})
        week = await desk.send(zone, "/zone", {"time_zone": "Asia/Tokyo", "locale": "da"})
        kind = await desk.send(week, "/hours", {"mon-0-from": "10:00"})
        meeting = {"title": "Advice", "durations": "45, 20", "visibility": "private"}
        share = await desk.send(kind, "/type", {**meeting, "place-0-kind": "they_call"})
        shared = await desk.send(share, "/share")
        link = held_in(shared.text, "link-url")
        opened = await stranger.get(link.removeprefix(PUBLIC_URL))

    assert ("Welcome to your booking page", "Your page is ready") == (
        heading(welcome),
        heading(shared),
    )
    page = await newcomer.body_of("GET", "/page")
    types = (await newcomer.body_of("GET", "/meeting-types"))["items"]
    assert (newcomer.identity, "Asia/Tokyo", "da", True) == (
        page["handle"],
        page["time_zone"],
        page["locale"],
        page["published"],
    )
    hours = await newcomer.body_of("GET", "/page/regular-hours")
    assert [["10:00", "17:00"]] == hours["weekly_hours"]["mon"]
    assert {"calendar"} == {each["hours"] for each in types}
    assert ("Advice", [45, 20], "private", "phone") == (
        types[-1]["title"],
        types[-1]["durations_minutes"],
        types[-1]["visibility"],
        types[-1]["location"]["kind"],
    )
    assert (200, True) == (opened.status_code, "Advice" in opened.text)


def held_in(text: str, id_: str) -> str:
    """Return what the field with the id holds."""
    return text.partition(f'id="{id_}"')[2].partition('value="')[2].partition('"')[0]


async def test_looking_at_the_welcome_changes_nothing_and_pressing_twice_makes_one_page(
    newcomer: Organizer,
) -> None:
    async with signed_in(newcomer) as client:
        desk = Desk(client)
        welcome = await desk.open("/organizer")
        before = (await newcomer.call("GET", "/page")).status_code
        first = await desk.send(welcome, "/welcome")
        second = await desk.send(welcome, "/welcome")

    assert 404 == before
    assert [200, 200] == [first.status_code, second.status_code]
    assert ["PageCreated"] == [each for each in await newcomer.events() if "PageC" in each]


async def test_a_taken_address_is_refused_at_its_field_and_stays_typed(
    anna: Organizer, newcomer: Organizer
) -> None:
    async with signed_in(newcomer) as client:
        desk = Desk(client)
        name = await desk.send(await desk.open("/organizer"), "/welcome")
        taken = await desk.send(name, "/name", {"handle": anna.identity})
        reserved = await desk.send(taken, "/name", {"handle": "admin"})
        back = await desk.open("/organizer/welcome/name")

    assert [422, 422] == [taken.status_code, reserved.status_code]
    assert "Somebody has this address" in taken.text
    assert f'value="{anna.identity}"' in taken.text
    assert 'href="#handle"' in reserved.text
    assert form_to(back, "/name").fields["handle"] not in (anna.identity, "admin")


async def test_two_newcomers_of_one_name_get_addresses_of_their_own(
    service: BookingService,
) -> None:
    pages = []
    for _ in range(2):
        organizer = service.without_page()
        await service.grant(organizer)
        async with signed_in(organizer) as client:
            desk = Desk(client)
            await desk.send(await desk.open("/organizer"), "/welcome")
        pages.append((await organizer.body_of("GET", "/page"))["handle"])

    assert pages[0] != pages[1]


async def test_the_page_is_closed_and_opened_again_by_one_press_each(
    desk: Desk, anna: Organizer
) -> None:
    overview = await desk.open("/organizer")
    closed = await desk.send(overview, "/unpublish")
    before = (await anna.body_of("GET", "/page"))["published"]
    opened = await desk.send(closed, "/publish")  # the first of two: it undoes the closing

    assert (False, True) == (before, (await anna.body_of("GET", "/page"))["published"])
    assert "Your page is closed" in closed.text
    assert "Your page is published" in opened.text


async def test_a_page_that_the_policy_turned_off_says_so_and_what_to_do(
    service: BookingService, desk: Desk, anna: Organizer
) -> None:
    await service.withdraw(anna)

    async def denied() -> str | None:
        text = (await desk.open("/organizer")).text
        return text if "turned off" in text else None

    seen: str = await eventually(denied, "the page says that it is turned off")

    assert "Your page is turned off" in seen
    assert "Ask your administrator" in seen
    assert "ews_enabled" in seen


async def test_without_a_page_every_other_page_leads_to_the_welcome(newcomer: Organizer) -> None:
    async with signed_in(newcomer) as client:
        desk = Desk(client)
        for path in ("/organizer/types", "/organizer/types/new", "/organizer/page"):
            refused = await desk.open(path)

            assert (404, True) == (refused.status_code, 'href="/organizer"' in refused.text)


async def test_a_form_of_another_session_leads_back_to_the_form_and_changes_nothing(
    anna: Organizer,
) -> None:
    async with signed_in(anna) as one, signed_in(anna) as other:
        overview = await Desk(one).open("/organizer")
        form = form_to(overview, "/unpublish")
        sent = await other.post(form.action, data=form.fields, follow_redirects=False)
        elsewhere = await one.post(
            form.action, data=form.fields, headers={"Sec-Fetch-Site": "cross-site"}
        )

    assert (303, 403) == (sent.status_code, elsewhere.status_code)
    assert (await anna.body_of("GET", "/page"))["published"]


async def test_the_overview_begins_with_what_waits_for_an_answer(
    service: BookingService, desk: Desk, anna: Organizer
) -> None:
    kind = await anna.meeting_type(approval_required=True)
    before = await desk.open("/organizer")
    await service.held(kind, day(3), attendee=vera())
    after = await desk.open("/organizer")

    assert "waits for your answer" not in before.text
    assert "One request waits for your answer" in after.text


async def test_the_overview_shows_the_next_meetings_in_their_order(
    service: BookingService, desk: Desk, anna: Organizer
) -> None:
    kind, empty = await anna.meeting_type(), await desk.open("/organizer")
    booked = [await service.booked(kind, day(number)) for number in (6, 3, 5, 4)]

    shown = await desk.open("/organizer")

    assert "Nobody has booked a time" in empty.text
    places = [shown.text.find(booked[number]["id"]) for number in (1, 3, 2)]
    assert -1 < places[0] < places[1] < places[2]
    assert booked[0]["id"] not in shown.text
