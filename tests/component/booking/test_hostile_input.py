"""What an outsider may send on purpose: nothing leaks, nothing sticks, nothing breaks."""

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    pointers,
    problem,
    vera,
)
from tests.component.booking.browsing import browsing
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import LOGGED, PUBLIC_URL

ROOM = {"kind": "online", "provider": "url", "url_template": "https://meet.example/a?pwd=123"}
THEY_CALL = {"kind": "phone", "who_calls": "organizer", "number": "+45 99 88 77 66"}
THEY_ARE_CALLED = {"kind": "phone", "who_calls": "attendee", "number": "+45 11 22 33 44"}


@pytest.mark.parametrize(
    ("location", "secret", "once_booked"),
    [(ROOM, "pwd=123", True), (THEY_CALL, "99 88", False), (THEY_ARE_CALLED, "11 22", True)],
)
async def test_how_to_join_or_call_is_shown_only_after_booking(
    service: BookingService,
    anna: Organizer,
    location: dict[str, str],
    secret: str,
    once_booked: bool,
) -> None:
    kind = await anna.meeting_type(location=location)
    private = await anna.meeting_type(location=location, visibility="private")
    link = await anna.link(private)

    seen = [
        await service.call("GET", f"/public/pages/{anna.identity}"),
        await service.call("GET", f"/public/meeting-types/{kind['id']}"),
        await service.call("GET", f"/public/links/{link['token']}"),
        await service.reserve(kind, day(3)),
    ]
    booked = await service.reserve(kind, day(4), attendee=vera())

    assert [200, 200, 200, 201] == [answer.status_code for answer in seen]
    assert not any(secret in answer.text for answer in seen)
    assert once_booked == (secret in booked.text)


@pytest.mark.parametrize(
    "fault", [{"email": "bad"}, {"name": " "}, {"name": "a\nb"}, {"locale": "EN"}]
)
async def test_a_refused_booking_leaves_the_time_and_the_link_free(
    service: BookingService, anna: Organizer, fault: dict[str, str]
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=1)

    refused = await service.reserve(
        kind, day(3), token=link["token"], attendee=vera(**fault), key=key()
    )
    held = [name for name in await anna.events() if name == "SlotReserved"]
    again = await service.reserve(kind, day(3), token=link["token"], attendee=vera(), key=key())

    assert [] == held
    assert {f"#/attendee/{next(iter(fault))}"} == pointers(refused)
    assert (201, "confirmed") == (again.status_code, again.json()["status"])


async def test_a_booking_whose_link_is_revoked_while_it_waits_leaves_the_time_free(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type(visibility="private")
    other = await anna.meeting_type()
    link = await anna.link(kind)
    service.availability.silent.add(anna.id)
    asking = asyncio.create_task(
        service.reserve(kind, day(3), token=link["token"], attendee=vera())
    )
    reserved = await service.topics.one("booking.events.v1", anna.id, "SlotReserved")
    await anna.body_of("DELETE", f"/links/{link['id']}")
    service.availability.silent.clear()
    await service.availability.answer(reserved)

    refused = await asking
    taken = await service.reserve(other, day(3))

    assert (410, "link-dead") == problem(refused)
    assert 201 == taken.status_code


async def test_an_address_with_control_characters_is_not_found(service: BookingService) -> None:
    async with browsing(service) as client:
        for path in ("/with/%00", "/with/a%00b/c", "/p/%01", "/m/%00"):
            page = await client.get(path)
            assert (404, True) == (page.status_code, "<h1>" in page.text), path
        api = await client.get("/api/booking/v1/public/pages/%00")

    assert (404, "not-found") == problem(api)


async def test_an_address_with_an_extra_slash_never_redirects_to_another_site(
    service: BookingService,
) -> None:
    async with browsing(service) as client:
        client.follow_redirects = False
        behind = await client.get("/m/bwm_x/", headers={"Host": "evil.example"})
        client.base_url = ""
        before = await client.get(
            f"{PUBLIC_URL}//evil.example/login", headers={"Accept": "text/html"}
        )

    assert (404, None) == (behind.status_code, behind.headers.get("location"))
    assert 404 == before.status_code
    assert 'href="//' not in before.text


@pytest.mark.parametrize("token", [b"Bearer \xe9", b"Bearer \x7f", b"Bearer " + b"a" * 5000])
async def test_a_malformed_access_token_is_unauthenticated_and_not_a_server_error(
    service: BookingService, token: bytes
) -> None:
    answer = await service.booking.http.get(
        "/api/booking/v1/page", headers=[(b"Authorization", token)]
    )

    assert (401, "unauthenticated") == problem(answer)


@pytest.mark.parametrize("said", ["[" * 3000, '["\\ud800", "x"]', "{}", "[1, 2]"])
async def test_a_malformed_cookie_is_ignored(
    service: BookingService, anna: Organizer, said: str
) -> None:
    held = await service.held(await anna.meeting_type(), day(3))
    draft = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    async with browsing(service) as client:
        await client.get(held["manage_url"].removeprefix(PUBLIC_URL))
        shown = await client.get(
            f"/m/booking/{held['id']}",
            headers={"Cookie": f"bw_draft={draft}; bw_manage={held['manage_token']}"},
        )

    assert 200 == shown.status_code


@pytest.mark.parametrize("name", ["label", "expires_at"])
async def test_null_is_refused_for_a_field_that_must_have_a_value(
    service: BookingService, anna: Organizer, name: str
) -> None:
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind)

    of_link = await anna.call("PATCH", f"/links/{link['id']}", {name: None})
    of_type = await anna.call("PATCH", f"/meeting-types/{kind['id']}", {"title": None})

    assert {f"#/{name}"} == pointers(of_link)
    assert {"#/title"} == pointers(of_type)


@pytest.mark.parametrize("tag", ['"²"', '"' + "9" * 5000 + '"', "W/x", '"-1"'])
async def test_a_malformed_etag_matches_nothing(anna: Organizer, tag: str) -> None:
    kind = await anna.meeting_type()
    headers = {**anna.headers, "If-Match": tag}

    answer = await anna.service.booking.http.patch(
        f"/api/booking/v1/meeting-types/{kind['id']}",
        json={"title": "Tea"},
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
    )

    assert (412, "version-conflict") == problem(answer)


async def test_an_instant_sent_with_any_offset_is_returned_in_utc(
    anna: Organizer,
) -> None:
    link = await anna.link(await anna.meeting_type(visibility="private"))
    expiry = day(30, 12).replace("T12:00:00Z", "T17:30:00+05:30")

    patched = await anna.body_of("PATCH", f"/links/{link['id']}", {"expires_at": expiry})
    numbered = await anna.call("PATCH", f"/links/{link['id']}", {"expires_at": 1_900_000_000})

    assert day(30, 12) == patched["expires_at"]
    assert {"#/expires_at"} == pointers(numbered)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("increment_minutes", 0),
        ("slug", ""),
        ("location", {**ROOM, "url_template": "https://["}),
        ("location", {**ROOM, "url_template": "https://meet.example/\u202egpj"}),
    ],
)
async def test_a_value_out_of_range_is_refused_and_not_replaced_by_a_default(
    anna: Organizer, name: str, value: Any
) -> None:
    refused = await anna.call(
        "POST", "/meeting-types", {"title": "Tea", "duration_minutes": 30, name: value}
    )

    assert [name] == [pointer.split("/")[1] for pointer in pointers(refused)]


async def test_a_form_sent_from_another_site_is_refused(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> None:
    kind = await anna.meeting_type()
    free_times.slots.append({"start": day(3), "end": day(3)})
    async with browsing(service) as client:
        shown = await client.get(f"{kind['url']}?day={day(3)[:10]}")
        form = shown.text.split('name="form" value="')[1].split('"')[0]
        fields = {"form": form, "start": day(3)}
        foreign = await client.post(
            kind["url"], data=fields, headers={"Sec-Fetch-Site": "cross-site"}
        )
        own = await client.post(kind["url"], data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    assert (403, 200) == (foreign.status_code, own.status_code)


async def test_no_request_of_this_module_was_a_server_error() -> None:
    """Runs behind the others of this module: the log of all of them is one."""
    failed = [line for line in LOGGED.getvalue().splitlines() if "request_failed" in line]

    assert [] == [json.loads(line)["event"] for line in failed]
