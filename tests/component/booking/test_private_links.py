"""Private links: issued, used, consumed, revoked, expired; what one that has ended says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.topics import BOOKING_EVENTS
from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    from_now,
    pointers,
    problem,
    vera,
)
from tests.component.kafka import eventually


@pytest.fixture
async def private(anna: Organizer) -> dict[str, Any]:
    """A private meeting type of Anna's."""
    return await anna.meeting_type(visibility="private")


async def test_a_link_without_a_deadline_is_valid_for_90_days(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, label="For the spring fair")
    [row] = await service.booking.rows(
        "SELECT issued_at FROM private_links WHERE id = %s", link["id"]
    )

    assert timedelta(days=90) == datetime.fromisoformat(link["expires_at"]) - row["issued_at"]
    assert {
        "label": "For the spring fair",
        "max_uses": 1,
        "uses": 0,
        "state": "active",
    }.items() <= (link.items())
    assert f"http://bookwith.example/p/{link['token']}" == link["url"]
    assert link == await anna.read_link(link)
    issued = await service.topics.one(BOOKING_EVENTS, anna.id, "PrivateLinkIssued")
    assert (link["id"], 1) == (str(issued.event.link_id), issued.event.max_uses)


async def test_booking_through_the_link_of_a_deleted_type_says_that_the_link_has_ended(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    other = await anna.link(await anna.meeting_type(visibility="private"))
    await anna.body_of("DELETE", f"/meeting-types/{private['id']}")

    answer = await service.reserve(private, day(3), token=link["token"])
    foreign = await service.reserve(private, day(3), token=other["token"])

    assert (410, "link-dead") == problem(answer)
    assert "type_deleted" == answer.json()["reason"]
    assert (404, "not-found") == problem(foreign)


async def test_a_link_issued_without_limits_has_any_number_of_uses(
    anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.body_of("POST", f"/meeting-types/{private['id']}/links")

    assert (None, "active") == (link["max_uses"], link["state"])


async def test_a_single_use_link_is_held_then_consumed_and_stays_consumed_after_a_cancellation(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)

    held = await service.held(private, day(3), token=link["token"])
    while_held = await anna.read_link(link)
    await service.manage(held, "confirm", {"attendee": vera()})
    used = await anna.read_link(link)
    late = await service.reserve(private, day(4), token=link["token"])
    await service.manage(held, "cancel")
    public = await service.call("GET", f"/public/links/{link['token']}")

    assert ("held", 0) == (while_held["state"], while_held["uses"])
    assert ("consumed", 1) == (used["state"], used["uses"])
    assert (410, "link-dead") == problem(late) == problem(public)
    assert "consumed" == late.json()["reason"] == public.json()["reason"]
    assert [
        "LinkUseTaken",
        "SlotReserved",
        "BookingConfirmed",
        "LinkUseConsumed",
        "LinkExpired",
        "BookingCancelled",
    ] == (await anna.events())[-6:]


async def test_a_link_that_has_ended_shows_nothing_about_its_organizer(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    await anna.body_of("DELETE", f"/links/{link['id']}")

    answer = await service.call("GET", f"/public/links/{link['token']}")

    assert 410 == answer.status_code
    for text in (anna.identity, "bridges", private["title"], str(anna.id)):
        assert text not in answer.text


async def test_releasing_a_hold_returns_the_use_of_its_link(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    held = await service.held(private, day(3), token=link["token"])

    await service.manage(held, "release")

    assert "active" == (await anna.read_link(link))["state"]
    assert ["SlotReleased", "LinkUseReturned"] == (await anna.events())[-2:]
    await service.booked(private, day(3), token=link["token"])


async def test_a_link_with_two_uses_makes_two_bookings(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, max_uses=2)

    await service.booked(private, day(3), token=link["token"])
    between = await anna.read_link(link)
    await service.booked(private, day(4), token=link["token"])
    late = await service.reserve(private, day(5), token=link["token"])

    assert ("active", 1) == (between["state"], between["uses"])
    assert (410, "consumed") == (late.status_code, late.json()["reason"])


async def test_a_hold_through_a_revoked_link_cannot_be_confirmed_but_its_bookings_can_be_moved(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, max_uses=None)
    booked = await service.booked(private, day(3), token=link["token"])
    held = await service.held(private, day(4), token=link["token"])

    await anna.body_of("DELETE", f"/links/{link['id']}")
    again = await anna.call("DELETE", f"/links/{link['id']}")
    confirmed = await service.manage(held, "confirm", {"attendee": vera()})
    moved = await service.manage(booked, "reschedule", {"start": day(5)})

    assert 204 == again.status_code
    assert 1 == (await anna.events()).count("LinkExpired")
    assert "revoked" == (await anna.read_link(link))["state"]
    assert (410, "link-dead") == problem(confirmed)
    assert "revoked" == confirmed.json()["reason"]
    assert (200, day(5)) == (moved.status_code, moved.json()["start"])


async def test_an_expired_link_takes_no_new_hold_but_an_earlier_hold_can_be_confirmed(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, max_uses=2, expires_at=from_now(seconds=1.3))
    held = await service.held(private, day(3), token=link["token"])

    async def over() -> bool:
        return bool((await anna.read_link(link))["state"] == "expired")

    await eventually(over)
    late = await service.reserve(private, day(4), token=link["token"])
    finished = await service.manage(held, "confirm", {"attendee": vera()})

    assert (410, "link-dead") == problem(late)
    assert "ttl" == late.json()["reason"]
    assert (200, "confirmed") == (finished.status_code, finished.json()["status"])
    expired = await service.topics.one(BOOKING_EVENTS, anna.id, "LinkExpired")
    assert ("ttl", link["expires_at"]) == (expired.event.reason, expired.body["expired_at"])


async def test_the_timer_adds_the_event_that_a_link_has_expired(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private, expires_at=from_now(seconds=1.2))

    async with service.another_process("timers"):
        expired = await service.topics.one(BOOKING_EVENTS, anna.id, "LinkExpired")

    assert ("ttl", link["id"]) == (expired.event.reason, str(expired.event.link_id))
    assert expired.event.expired_at <= datetime.fromisoformat(expired.header("ce_time"))


async def test_a_link_can_be_changed_until_it_has_ended(
    anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    address = f"/links/{link['id']}"
    read = await anna.call("GET", address)

    labelled = await anna.call(
        "PATCH", address, {"label": "For Vera"}, If_Match=read.headers["etag"]
    )
    stale = await anna.call("PATCH", address, {"label": "x"}, If_Match=read.headers["etag"])
    faulty = await anna.call("PATCH", address, {"max_uses": 0, "expires_at": day(400)})
    await anna.body_of("DELETE", address)
    ended = await anna.call("PATCH", address, {"label": "too late"})

    assert {**link, "label": "For Vera", "version": 2} == labelled.json()
    assert (412, "version-conflict") == problem(stale)
    assert {"#/max_uses", "#/expires_at"} == pointers(faulty)
    assert (410, "link-dead") == problem(ended)


async def test_a_link_with_a_deadline_in_the_past_or_too_far_ahead_is_refused(
    anna: Organizer, private: dict[str, Any]
) -> None:
    for at in (day(-1), day(400)):
        answer = await anna.call(
            "POST", f"/meeting-types/{private['id']}/links", {"expires_at": at}
        )
        assert {"#/expires_at"} == pointers(answer)


async def test_a_link_to_a_public_type_is_refused(anna: Organizer) -> None:
    kind = await anna.meeting_type()

    answer = await anna.call("POST", f"/meeting-types/{kind['id']}/links", {})

    assert (409, "state-conflict") == problem(answer)


async def test_links_are_suspended_while_their_page_is_unpublished(
    service: BookingService, anna: Organizer, private: dict[str, Any]
) -> None:
    link = await anna.link(private)
    address = f"/public/links/{link['token']}"

    await anna.body_of("POST", "/page/unpublish")
    suspended = [
        await service.call("GET", address),
        await service.reserve(private, day(3), token=link["token"]),
    ]
    await anna.body_of("POST", "/page/publish")
    resumed = await service.call("GET", address)

    assert [(403, "not-available")] * 2 == [problem(answer) for answer in suspended]
    assert (200, private["title"]) == (resumed.status_code, resumed.json()["title"])
    assert resumed.json()["organizer"]["handle"] is None
    assert "active" == (await anna.read_link(link))["state"]


async def test_links_are_listed_in_pages(anna: Organizer, private: dict[str, Any]) -> None:
    made = [await anna.link(private, label=f"number {n}") for n in range(3)]
    address = f"/meeting-types/{private['id']}/links"

    first = await anna.body_of("GET", f"{address}?limit=2")
    second = await anna.body_of("GET", f"{address}?limit=2&cursor={first['next_cursor']}")

    assert made == [*first["items"], *second["items"]]
    assert second["next_cursor"] is None
    nonsense = await anna.call("GET", f"{address}?cursor=nonsense")
    assert {"#/query/cursor"} == pointers(nonsense)
