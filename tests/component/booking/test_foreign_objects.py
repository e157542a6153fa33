"""No route shows, changes or confirms what belongs to somebody else: each route by each caller."""

from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.component.booking.booking_service import (
    API,
    BookingService,
    Organizer,
    day,
    problem,
    vera,
)
from tests.component.booking.browsing import offer as set_free
from tests.component.booking.conftest import FreeTimesServer

# Without an account; whoever holds a private link's or a booking's token shows it in these.
ANYBODYS = {
    ("GET", "/public/pages/{handle}"),
    ("GET", "/public/meeting-types/{type_id}"),
    ("GET", "/public/links/{token}"),
    ("POST", "/bookings"),
    ("POST", "/me/requests"),
}
BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/page"): {
        "handle": "taken-over",
        "display_name": "X",
        "email": "x@x.example",
        "time_zone": "UTC",
    },
    ("PUT", "/page/online-meeting"): {"provider": "jitsi", "enabled": True},
    ("PUT", "/page/regular-hours"): {"weekly_hours": {"mon": [["09:00", "17:00"]]}},
    ("POST", "/page/email-request"): {"email": "x@x.example"},
    ("POST", "/page/email-request/prove"): {"token": "bwe_" + "A" * 68},
    ("POST", "/meeting-types"): {"title": "Taken over", "duration_minutes": 30},
    ("PATCH", "/meeting-types/{type_id}"): {"title": "Taken over"},
    ("PATCH", "/links/{link_id}"): {"label": "Taken over"},
    ("POST", "/offers"): {"meeting_type_id": str(new_id()), "starts": [day(9)]},
    ("PATCH", "/bookings/{booking_id}"): {"name": "Taken over"},
    ("POST", "/bookings/{booking_id}/confirm"): {"attendee": vera(name="Taken Over")},
    ("POST", "/bookings/{booking_id}/reschedule"): {"start": day(9)},
    ("POST", "/attendees/find"): {"email": "vera@visitors.example"},
}


async def routes(service: BookingService) -> list[tuple[str, str]]:
    """Return every operation of the API, as its own document lists them."""
    document = (await service.booking.http.get("/openapi.json")).json()
    return [
        (method.upper(), path.removeprefix(API))
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(API)
    ]


@pytest.fixture
async def things(
    service: BookingService, anna: Organizer, free_times: FreeTimesServer
) -> dict[str, str]:
    """One of each thing that Anna has, by its name in addresses."""
    set_free(free_times, day(4))
    kind = await anna.meeting_type(visibility="private")
    link = await anna.link(kind, max_uses=None)
    booking = await service.booked(kind, day(3), token=link["token"])
    offer = await anna.body_of(
        "POST", "/offers", {"meeting_type_id": kind["id"], "starts": [day(4)]}
    )
    return {
        "type_id": kind["id"],
        "link_id": link["id"],
        "booking_id": booking["id"],
        "offer_id": offer["id"],
        "attendee_id": kind["id"],
        "erasure_id": kind["id"],
    }


async def test_every_route_is_open_to_everybody_or_refuses_all_but_its_owner(
    service: BookingService, anna: Organizer, things: dict[str, str]
) -> None:
    bo = await service.organizer()
    others = await service.booked(await bo.meeting_type(), day(3))
    before = await anna.events()
    found = await routes(service)
    callers: dict[str, dict[str, str]] = {
        "nobody": {},
        "nonsense": {"Authorization": "Bearer nonsense"},
        "an operator": service.without_page("operator").headers,
        "another organizer": bo.headers,
        "an administrator": service.without_page("administrator").headers,
        "another visitor": {"X-Manage-Token": others["manage_token"]},
        "a forger": {"X-Manage-Token": "bwm_" + "A" * 68},
    }
    wrong = []

    for method, template in found:
        if (method, template) in ANYBODYS:
            continue
        for who, headers in callers.items():
            answer = await service.call(
                method, template.format(**things), BODIES.get((method, template)), headers
            )
            wanted = _wanted(who, template)
            if wanted is not None and problem(answer) != wanted:
                wrong.append((who, method, template, answer.status_code, answer.text[:200]))

    assert [] == wrong
    assert found
    assert ANYBODYS <= set(found)
    assert before == await anna.events()


def _wanted(who: str, template: str) -> tuple[int, str] | None:
    """Return how the caller is turned away; None where the route is about their own things."""
    if template == "/bookings" and who == "another visitor":
        return None  # the list of the one booking that is theirs
    if template == "/me":
        return 401, "unauthenticated"
    if template.startswith(("/me/", "/attendees")) and who == "another organizer":
        return 403, "forbidden"
    if template == "/attendees/find" and who == "an administrator":
        return None
    of_booking = template.startswith("/bookings")
    if who in ("another visitor", "a forger") and of_booking:
        return 404, "not-found"
    if who in ("nobody", "nonsense", "another visitor", "a forger"):
        return 401, "unauthenticated"
    if who == "an operator":
        return 403, "forbidden"
    return (404, "not-found") if "{" in template else None


async def test_an_id_of_another_kind_of_resource_is_not_found(
    anna: Organizer, things: dict[str, str]
) -> None:
    for path in (
        f"/meeting-types/{things['link_id']}",
        f"/links/{things['type_id']}",
        f"/bookings/{things['type_id']}",
        "/bookings/not-an-id",
        "/links/not-an-id",
    ):
        assert (404, "not-found") == problem(await anna.call("GET", path))


async def test_a_manage_token_opens_only_its_own_booking(
    service: BookingService, anna: Organizer, things: dict[str, str]
) -> None:
    kind = await anna.meeting_type()
    one, other = await service.booked(kind, day(4)), await service.booked(kind, day(5))

    crossed = await service.manage({**one, "manage_token": other["manage_token"]}, "cancel")
    flipped = await service.manage(
        {**one, "manage_token": one["manage_token"].replace("bwm_", "bwl_")}, "cancel"
    )

    assert (404, "not-found") == problem(crossed) == problem(flipped)
    assert (
        "confirmed" == (await service.read(one))["status"] == (await service.read(other))["status"]
    )


async def test_the_list_for_a_manage_token_has_only_its_booking(
    service: BookingService, anna: Organizer, things: dict[str, str]
) -> None:
    one = await service.booked(await anna.meeting_type(), day(4))
    token = {"X-Manage-Token": one["manage_token"]}

    mine = await service.call("GET", "/bookings", headers=token)
    cancelled = await service.call("GET", "/bookings?status=cancelled", headers=token)

    assert {"items": [one], "next_cursor": None} == mine.json()
    assert {"items": [], "next_cursor": None} == cancelled.json()


async def test_every_read_has_an_etag_and_an_unchanged_one_is_answered_304(
    service: BookingService, anna: Organizer, things: dict[str, str]
) -> None:
    kind = await anna.meeting_type()
    link = await anna.body_of("GET", f"/links/{things['link_id']}")
    filled = {**things, "type_id": kind["id"], "handle": anna.identity, "token": link["token"]}
    read = []

    for method, template in await routes(service):
        if method != "GET" or template.endswith(".ics"):
            continue
        if template == "/me" or template.startswith(("/me/", "/attendees")):
            continue  # not the organizer's
        path = template.format(**filled)
        first = await anna.call("GET", path)
        again = await anna.call("GET", path, If_None_Match=f'"other", W/{first.headers["etag"]}')
        changed = await anna.call("GET", path, If_None_Match='"other"')
        read.append(
            (template, first.status_code, again.status_code, changed.json() == first.json())
        )

    assert [] == [each for each in read if each[1:] != (200, 304, True)]
    assert len(read) >= 10


async def test_the_openapi_document_names_idempotency_keys_tokens_and_problems(
    service: BookingService,
) -> None:
    document = (await service.booking.http.get("/openapi.json")).json()
    operations = {
        (method, path.removeprefix(API)): operation
        for path, found in document["paths"].items()
        for method, operation in found.items()
        if path.startswith(API)
    }

    def headers(operation: dict[str, Any]) -> set[str]:
        return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}

    commands = {place for place, each in operations.items() if "Idempotency-Key" in headers(each)}
    assert commands == {place for place in operations if place[0] != "get"}
    assert all("default" in each["responses"] for each in operations.values())
    reserve = operations["post", "/bookings"]
    assert {"201", "202", "default"} == set(reserve["responses"])
    assert {"Idempotency-Key", "prefer"} == headers(reserve)
    assert [{"link_token": []}] == reserve["security"]
    cancel = operations["post", "/bookings/{booking_id}/cancel"]
    assert [{"signed_in": []}, {"manage_token": []}] == cancel["security"]


async def test_lists_have_nothing_of_another_organizer(
    service: BookingService, anna: Organizer, things: dict[str, str]
) -> None:
    bo = await service.organizer()

    for path in ("/meeting-types", "/bookings?status=confirmed"):
        assert [] == (await bo.body_of("GET", path))["items"]


async def test_an_expired_access_token_is_unauthenticated(service: BookingService) -> None:
    headers = service.sign_in.signed_in("anna-of-yesterday", "organizer", seconds=-120)

    assert (401, "unauthenticated") == problem(await service.call("GET", "/page", headers=headers))
