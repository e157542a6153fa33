"""Private links: what they give back, and why they are dead."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.client import BOOKING, Organizer, StackClients, after, stamp
from tests.e2e.problems import assert_problem

EMAIL = "late@example.test"


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-3")


@pytest.fixture(scope="module")
async def private(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


async def test_a_released_hold_frees_its_slot_and_its_link(
    clients: StackClients, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"], max_uses=1)
    visitor, start = clients.visitor(link["token"]), after(7, 9)
    held = (await visitor.reserve(private["id"], start)).json()

    assert held["status"] == "held"
    assert (await organizer.caller.get(f"{BOOKING}/links/{link['id']}")).json()["state"] == "held"
    released = await visitor.change(held, "release")
    assert (released.status_code, released.json()["status"]) == (200, "released")
    booked = await visitor.book(private["id"], start, "later@example.test")
    assert booked.status_code == 201, booked.text


async def test_a_consumed_link_is_refused_as_consumed(
    clients: StackClients, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"], max_uses=1)
    visitor = clients.visitor(link["token"])
    booked = await visitor.book(private["id"], after(8, 9), "only@example.test")
    assert booked.status_code == 201, booked.text

    await is_dead(clients, private, link, "consumed")


async def test_a_revoked_link_is_refused_as_revoked(
    clients: StackClients, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"])
    gone = await organizer.caller.send("DELETE", f"{BOOKING}/links/{link['id']}")
    assert gone.status_code == 204

    await is_dead(clients, private, link, "revoked")


async def test_an_expired_link_is_refused_as_expired(
    clients: StackClients, organizer: Organizer, private: dict[str, Any]
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=3)
    link = await organizer.link(private["id"], expires_at=stamp(soon))
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.1)

    await is_dead(clients, private, link, "ttl")


async def test_a_link_of_a_deleted_type_is_refused_with_the_reason(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"])
    gone = await organizer.caller.send("DELETE", f"{BOOKING}/meeting-types/{kind['id']}")
    assert gone.status_code == 204

    seen = await clients.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    assert assert_problem(seen, 410, "link-dead")["reason"] == "type_deleted"


async def test_a_booking_stays_when_its_type_is_changed_or_deleted(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(visibility="private", duration_minutes=60)
    link, path = await organizer.link(kind["id"]), f"{BOOKING}/meeting-types/{kind['id']}"
    visitor = clients.visitor(link["token"])
    booked = (await visitor.book(kind["id"], after(9, 9), EMAIL)).json()
    version = (await organizer.caller.get(path)).headers["etag"]
    shorter = await organizer.caller.send(
        "PATCH", path, {"duration_minutes": 30}, headers={"If-Match": version}
    )
    gone = await organizer.caller.send("DELETE", path)
    assert (shorter.status_code, gone.status_code) == (200, 204)

    moved = await visitor.change(booked, "reschedule", {"start": after(9, 10)})

    assert moved.status_code == 200, moved.text
    assert (after(9, 10), after(9, 11)) == (moved.json()["start"], moved.json()["end"])


async def test_a_link_of_a_type_made_public_is_refused_with_the_reason(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"])
    path = f"{BOOKING}/meeting-types/{kind['id']}"
    version = (await organizer.caller.get(path)).headers["etag"]
    changed = await organizer.caller.send(
        "PATCH", path, {"visibility": "public"}, headers={"If-Match": version}
    )
    assert changed.status_code == 200, changed.text

    await is_dead(clients, kind, link, "type_made_public")


async def is_dead(
    clients: StackClients, kind: dict[str, Any], link: dict[str, Any], reason: str
) -> None:
    """Hold that the link opens nothing any more, and says why."""
    seen = await clients.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    booked = await clients.visitor(link["token"]).book(kind["id"], after(9, 9), EMAIL)

    assert assert_problem(seen, 410, "link-dead")["reason"] == reason
    assert assert_problem(booked, 410, "link-dead")["reason"] == reason
