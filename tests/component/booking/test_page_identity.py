"""A page's first types, its address for ever, whose name is on it, its online meeting."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    pointers,
    problem,
)
from tests.component.provider import NAME


async def test_a_new_page_comes_with_two_public_types_in_the_same_append(
    service: BookingService,
) -> None:
    bo = service.without_page()

    await bo.body_of("PUT", "/page", {**bo.profile, "locale": "en"})
    types = (await bo.body_of("GET", "/meeting-types"))["items"]
    stored = await service.booking.rows(
        "SELECT type, time FROM events WHERE partition_key = %s AND type <> 'PageAllowed'"
        " ORDER BY sequence",
        str(bo.id),
    )

    assert [
        ("15-minute meeting", "15-minute-meeting", 15),
        ("30-minute meeting", "30-minute-meeting", 30),
    ] == [(each["title"], each["slug"], each["duration_minutes"]) for each in types]
    assert {"public"} == {each["visibility"] for each in types}
    assert ["PageCreated", "MeetingTypeCreated", "MeetingTypeCreated"] == [
        row["type"] for row in stored
    ]
    assert 1 == len({row["time"] for row in stored})


async def test_the_first_types_speak_the_organizers_language(service: BookingService) -> None:
    anna = service.without_page()

    await anna.body_of("PUT", "/page", anna.profile)
    await anna.body_of("PUT", "/page", {**anna.profile, "time_zone_locked": True})

    assert ["Møde på 15 minutter", "Møde på 30 minutter"] == [
        each["title"] for each in (await anna.body_of("GET", "/meeting-types"))["items"]
    ]


async def test_the_name_and_the_address_on_a_page_are_those_of_the_sign_in(
    service: BookingService, anna: Organizer
) -> None:
    plain = {name: anna.profile[name] for name in ("handle", "time_zone", "locale")}

    own = await anna.body_of("PUT", "/page", plain)
    other = await anna.body_of("PUT", "/page", {**plain, "display_name": "The Director"})
    foreign = await anna.call("PUT", "/page", {**plain, "email": "director@bridges.example"})
    upper = await anna.body_of("PUT", "/page", {**plain, "email": own["email"].upper()})

    assert (NAME, f"{anna.identity}@bridges.example", []) == (
        own["display_name"],
        own["email"],
        own["warnings"],
    )
    assert NAME == other["display_name"]
    assert ["#/display_name"] == [each["pointer"] for each in other["warnings"]]
    assert {"#/email"} == pointers(foreign)
    assert "Another one is proven by mail first" in foreign.json()["detail"]
    assert own["email"] == upper["email"]


async def test_who_has_no_address_by_their_sign_in_is_told(service: BookingService) -> None:
    headers = service.sign_in.with_claims(sub="nameless", roles=["organizer"])
    body = {"handle": "nameless", "time_zone": "Europe/Copenhagen", "email": "x@y.example"}

    answer = await service.call("PUT", "/page", body, headers)

    assert {"#/email"} == pointers(answer)


@pytest.mark.parametrize("handle", ["ceo", "hr", "payroll", "noreply", "hostmaster", "adm1n"])
async def test_an_address_that_reads_like_an_office_is_refused(
    service: BookingService, anna: Organizer, handle: str
) -> None:
    bo = service.without_page()

    made = await bo.call("PUT", "/page", {**bo.profile, "handle": handle})
    renewed = await anna.call("POST", "/page/renew-address", {"handle": handle})

    assert {"#/handle"} == pointers(made) == pointers(renewed)


async def test_an_old_address_is_dead_and_never_somebody_elses(
    service: BookingService, anna: Organizer
) -> None:
    bo = service.without_page()
    new = f"{anna.identity}-b"
    await anna.body_of("POST", "/page/renew-address", {"handle": new})

    old = await service.call("GET", f"/public/pages/{anna.identity}")
    taken = await bo.call("PUT", "/page", {**bo.profile, "handle": anna.identity})
    present = await bo.call("PUT", "/page", {**bo.profile, "handle": new})
    await anna.body_of("PUT", "/page", {**anna.profile, "handle": f"{anna.identity}-c"})
    by_put = await bo.call("PUT", "/page", {**bo.profile, "handle": new})
    back = await anna.body_of("POST", "/page/renew-address", {"handle": anna.identity})
    seen = await service.call("GET", f"/public/pages/{anna.identity}")

    assert (404, "not-available") == problem(old)
    assert (409, "state-conflict") == problem(taken) == problem(present) == problem(by_put)
    assert "#/handle" == taken.json()["errors"][0]["pointer"]
    assert (anna.identity, 200) == (back["handle"], seen.status_code)


async def test_an_address_that_looks_like_anothers_is_refused(service: BookingService) -> None:
    one, other = service.without_page(), service.without_page()
    number = one.identity.removeprefix("anna-")
    await one.body_of("PUT", "/page", {**one.profile, "handle": f"b0-{number}"})

    answer = await other.call("PUT", "/page", {**other.profile, "handle": f"bo-{number}"})

    assert (409, "state-conflict") == problem(answer)
    assert "looks like it" in answer.json()["detail"]


async def test_of_many_who_want_one_address_or_its_look_alikes_one_gets_it(
    service: BookingService,
) -> None:
    alike = ("moon-race", "m00n-race", "mo0n-race")
    everybody = [service.without_page() for _ in range(12)]

    answers = await asyncio.gather(
        *(
            each.call("PUT", "/page", {**each.profile, "handle": alike[number % 3]})
            for number, each in enumerate(everybody)
        )
    )

    assert Counter({409: 11, 201: 1}) == Counter(answer.status_code for answer in answers)


async def test_an_old_address_leads_to_the_new_one_for_as_long_as_was_asked(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    new = f"{anna.identity}-b"
    renewal = {"handle": new, "forward_days": 30}
    await anna.body_of("POST", "/page/renew-address", renewal)

    seen = await service.call("GET", f"/public/pages/{anna.identity}")
    page = await service.booking.http.get(f"/with/{anna.identity}")
    typed = await service.booking.http.get(f"/with/{anna.identity}/{kind['slug']}")
    published = await service.topics.one(BOOKING_EVENTS, anna.id, "PageAddressRenewed")
    days = "UPDATE page_addresses SET forwards_until = forwards_until + %s * interval '720 hours'"
    await service.booking.rows(f"{days} WHERE handle = %s RETURNING 1", -1, anna.identity)
    over = await service.call("GET", f"/public/pages/{anna.identity}")
    await service.booking.rows(f"{days} WHERE handle = %s RETURNING 1", 1, anna.identity)
    faulty = await anna.call("POST", "/page/renew-address", {"forward_days": 366})

    assert new == seen.json()["organizer"]["handle"]
    assert (303, f"/with/{new}") == (page.status_code, page.headers["location"])
    assert (303, f"/with/{new}/{kind['slug']}") == (typed.status_code, typed.headers["location"])
    assert published.event.forwards_until is not None
    assert (404, "not-available") == problem(over)
    assert {"#/forward_days"} == pointers(faulty)


async def test_one_switch_adds_an_online_meeting_to_everything_booked_through_the_page(
    service: BookingService, anna: Organizer
) -> None:
    place = {"kind": "in_person", "address": "Bridge Street 7"}
    kind = await anna.meeting_type(location=place)
    before = await anna.body_of("GET", "/page/online-meeting")

    on = await anna.body_of("PUT", "/page/online-meeting", {"provider": "jitsi", "enabled": True})
    booked = await service.booked(kind, day(3))
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "BookingConfirmed")).event
    await anna.body_of("PUT", "/page/online-meeting", {"provider": "jitsi", "enabled": False})
    plain = await service.booked(kind, day(4))

    assert (None, False) == (before["provider"], before["enabled"])
    assert ("https://meet.jit.si/{booking_id}", True) == (on["url_template"], on["enabled"])
    assert (place, f"https://meet.jit.si/{booked['id']}") == (
        booked["location"],
        booked["join_url"],
    )
    assert event.join_url == booked["join_url"]
    assert plain["join_url"] is None


async def test_regular_hours_are_read_and_set_as_one_thing(
    service: BookingService, anna: Organizer
) -> None:
    before = await anna.call("GET", "/page/regular-hours")
    hours = {**before.json()["weekly_hours"], "sat": [["22:00", "02:00"]]}
    etag = before.headers["etag"]
    after = await anna.call("PUT", "/page/regular-hours", {"weekly_hours": hours}, If_Match=etag)
    other = {"weekly_hours": before.json()["weekly_hours"]}
    second = await anna.call("PUT", "/page/regular-hours", other, If_Match=etag)
    event = (await service.topics.one(BOOKING_EVENTS, anna.id, "PageRegularHoursChanged")).event

    assert [["09:00", "17:00"]] == before.json()["weekly_hours"]["fri"]
    assert (200, {"weekly_hours": hours}) == (after.status_code, after.json())
    assert 412 == second.status_code
    assert (("22:00", "02:00"),) == event.weekly_hours.sat


@pytest.mark.parametrize(
    ("hours", "pointer"),
    [
        ({}, "#/weekly_hours"),
        ({"mon": [["9:00", "17:00"]]}, "#/weekly_hours/mon/0/0"),
        ({"mon": [["09:00", "09:00"]]}, "#/weekly_hours/mon/0"),
        ({"monday": [["09:00", "17:00"]]}, "#/weekly_hours/monday"),
        ({"mon": "09:00"}, "#/weekly_hours/mon"),
    ],
)
async def test_regular_hours_in_which_nobody_could_book_are_refused(
    anna: Organizer, hours: dict[str, Any], pointer: str
) -> None:
    refused = await anna.call("PUT", "/page/regular-hours", {"weekly_hours": hours})

    assert 422 == refused.status_code
    assert {pointer} == pointers(refused)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"provider": "teams", "enabled": True}, "#/url_template"),
        ({"provider": "url", "enabled": True, "url_template": "javascript:x"}, "#/url_template"),
        ({"provider": "jitsi", "enabled": True, "url_template": "https://a.b/"}, "#/url_template"),
        ({"provider": "skype", "enabled": True}, "#/provider"),
        ({"provider": "jitsi"}, "#/enabled"),
        ({"provider": "jitsi", "enabled": "maybe"}, "#/enabled"),
    ],
)
async def test_an_online_meeting_that_nobody_could_join_is_refused(
    anna: Organizer, body: dict[str, Any], pointer: str
) -> None:
    assert {pointer} == pointers(await anna.call("PUT", "/page/online-meeting", body))
