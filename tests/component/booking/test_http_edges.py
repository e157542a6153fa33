"""Edges of HTTP in front of booking: forms of other sites, cut-off requests, methods, the log."""

import json
from typing import Any

import pytest
from prometheus_client import generate_latest

from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    problem,
    vera,
)
from tests.component.booking.browsing import browsing
from tests.component.booking.conftest import FreeTimesServer
from tests.component.running import LOGGED, PUBLIC_URL

SELF = "/api/booking/v1"


def logged_from(place: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in LOGGED.getvalue()[place:].splitlines()]


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": PUBLIC_URL.replace("http:", "https:")}, False),
        ({"Origin": PUBLIC_URL + ".evil.example"}, False),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": PUBLIC_URL}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({}, True),
    ],
)
async def test_a_form_of_another_site_is_refused_with_and_without_sec_fetch_site(
    service: BookingService,
    anna: Organizer,
    free_times: FreeTimesServer,
    headers: dict[str, str],
    taken: bool,
) -> None:
    kind = await anna.meeting_type()
    free_times.slots.append({"start": day(3), "end": day(3)})
    async with browsing(service) as client:
        shown = await client.get(f"{kind['url']}?day={day(3)[:10]}")
        form = shown.text.split('name="form" value="')[1].split('"')[0]
        answer = await client.post(
            kind["url"], data={"form": form, "start": day(3)}, headers=headers
        )

    assert (200 if taken else 403) == answer.status_code


@pytest.mark.parametrize("page", [True, False], ids=["a form", "the API"])
async def test_a_request_that_is_cut_off_is_no_fault_of_ours(
    service: BookingService, anna: Organizer, page: bool
) -> None:
    kind = await anna.meeting_type()
    path = f"/with/{anna.identity}/{kind['slug']}" if page else f"{SELF}/bookings"
    told = [(b"content-type", b"application/x-www-form-urlencoded")]
    told += (
        [] if page else [(b"content-type", b"application/json"), (b"idempotency-key", b"k" * 20)]
    )
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": told,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    parts = iter(
        [
            {"type": "http.request", "body": b"form=bwf", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    before = len(LOGGED.getvalue())
    assert service.booking.process.app is not None
    await service.booking.process.app(scope, receive, send)
    lines = logged_from(before)

    assert 400 <= sent[0]["status"] < 500
    assert [] == [line for line in lines if line["event"] == "request_failed"]
    assert {"info"} == {line["level"] for line in lines}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/meeting-types", {"title": 1}),
        ("POST", "/meeting-types", "{"),
        ("PUT", "/page", {}),
        ("PATCH", f"/meeting-types/{'0' * 32}", {"title": None}),
        ("GET", "/bookings?limit=0", None),
        ("POST", f"/bookings/{'0' * 32}/confirm", {}),
    ],
)
async def test_who_is_not_signed_in_is_not_told_what_is_wrong_with_the_request(
    service: BookingService, method: str, path: str, body: Any
) -> None:
    sent = {"content": body} if isinstance(body, str) else {"json": body}
    answer = await service.booking.http.request(method, SELF + path, **sent)

    assert (401, "unauthenticated") == problem(answer)


async def test_the_allow_header_names_every_method_of_the_address(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    one = await service.call("POST", f"/meeting-types/{kind['id']}")
    many = await service.call("DELETE", "/page")
    page = await service.booking.http.delete(f"/with/{anna.identity}/{kind['slug']}")

    assert [405] * 3 == [answer.status_code for answer in (one, many, page)]
    assert ["DELETE, GET, HEAD, PATCH", "GET, HEAD, PUT", "GET, HEAD, POST"] == [
        answer.headers["allow"] for answer in (one, many, page)
    ]


async def test_what_can_be_read_answers_head_as_well(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    for path in (f"/with/{anna.identity}", f"{SELF}/public/meeting-types/{kind['id']}", "/livez"):
        read, asked = [await service.booking.http.request(each, path) for each in ("GET", "HEAD")]

        assert (200, read.headers["content-type"]) == (
            asked.status_code,
            asked.headers["content-type"],
        )
        assert b"" == asked.content


async def test_no_answer_of_the_api_is_kept_by_a_cache_unless_it_says_so(
    service: BookingService, anna: Organizer
) -> None:
    booked = await service.booked(await anna.meeting_type(), day(3))
    token = {"X-Manage-Token": booked["manage_token"]}
    file = await service.call("GET", f"/bookings/{booked['id']}/invite.ics", headers=token)
    unknown = await service.call("GET", f"/bookings/{'0' * 32}", headers=token)
    made = await service.reserve(await anna.meeting_type(), day(4))

    assert (200, 404, 201) == (file.status_code, unknown.status_code, made.status_code)
    assert ["no-store"] * 3 == [each.headers["cache-control"] for each in (file, unknown, made)]


async def test_metrics_name_the_route_whoever_answers(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    chosen = key()
    for _ in range(2):  # the second is answered from memory
        await service.reserve(kind, day(3), key=chosen)
    await service.booking.http.post(f"{SELF}/bookings", content=b"x" * 70_000)
    for path in ("/openapi.json", "/nowhere", "/with/%00", "/static-offline-docs/swagger-ui.css"):
        await service.booking.http.get(path)
    shown = generate_latest().decode()
    routes = {
        line.split('route="')[1].split('"')[0] for line in shown.splitlines() if "route=" in line
    }

    assert f'route="{SELF}/bookings",status="413"' in shown
    assert f'route="{SELF}/bookings",status="201"' in shown
    assert 'route="/openapi.json",status="200"' in shown
    assert 'route="/static-offline-docs",status="200"' in shown
    assert 'route="unmatched",status="404"' in shown
    assert 'route="unmatched",status="201"' not in shown
    assert [] == [route for route in routes if kind["id"] in route or anna.identity in route]


async def test_each_request_has_one_line_with_its_route_and_each_refusal_its_problem(
    service: BookingService, anna: Organizer
) -> None:
    kind = await anna.meeting_type()
    before = len(LOGGED.getvalue())
    booked = await service.booked(kind, day(3), key=key())
    await service.booking.http.get(f"/m/{booked['manage_token']}")
    await service.call("GET", f"/bookings/{booked['id']}")
    for probe in ("/livez", "/readyz", "/metrics"):
        await service.booking.http.get(probe)
    text = LOGGED.getvalue()[before:]
    lines = [line for line in logged_from(before) if line["event"] == "request"]

    assert [
        ("POST", f"{SELF}/bookings", 201, None),
        ("GET", "/m/{token}", 303, None),
        ("GET", f"{SELF}/bookings/{{booking_id}}", 401, "/problems/unauthenticated"),
    ] == [(line["method"], line["route"], line["status"], line.get("problem")) for line in lines]
    assert all(line["correlation_id"] and line["milliseconds"] >= 0 for line in lines)
    for secret in (booked["manage_token"], vera()["email"], vera()["name"], anna.identity):
        assert secret not in text


async def test_a_share_of_the_requests_is_logged_and_each_refusal(service: BookingService) -> None:
    async with service.another_process(log_requests=0.25) as other:
        before = len(LOGGED.getvalue())
        for _ in range(8):
            await other.booking.http.get("/openapi.json")
            await other.booking.http.get("/nowhere")
        lines = [line for line in logged_from(before) if line["event"] == "request"]

    assert (2, 8) == (
        len([line for line in lines if line["status"] == 200]),
        len([line for line in lines if line["status"] == 404]),
    )
