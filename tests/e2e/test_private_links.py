"""Private links: what they give back, and why they are dead."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.client import BOOKING, Organizer, World, after, stamp
from tests.e2e.problems import told

EMAIL = "late@example.test"


@pytest.fixture(scope="module")
async def organizer(world: World) -> Organizer:
    return await world.organizer("organizer-3")


@pytest.fixture(scope="module")
async def private(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


async def test_a_released_hold_gives_slot_and_link_back(
    world: World, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"], max_uses=1)
    visitor, start = world.visitor(link["token"]), after(7, 9)
    held = (await visitor.reserve(private["id"], start)).json()

    assert held["status"] == "held"
    told(await visitor.reserve(private["id"], after(7, 10)), 409, "link-in-use")
    released = await visitor.change(held, "release")
    assert (released.status_code, released.json()["status"]) == (200, "released")
    booked = await visitor.book(private["id"], start, "later@example.test")
    assert booked.status_code == 201, booked.text


async def test_a_link_that_is_used_up(
    world: World, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"], max_uses=1)
    visitor = world.visitor(link["token"])
    booked = await visitor.book(private["id"], after(8, 9), "only@example.test")
    assert booked.status_code == 201, booked.text

    await is_dead(world, private, link, "consumed")


async def test_a_link_that_was_revoked(
    world: World, organizer: Organizer, private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"])
    gone = await organizer.caller.send("DELETE", f"{BOOKING}/links/{link['id']}")
    assert gone.status_code == 204

    await is_dead(world, private, link, "revoked")


async def test_a_link_whose_time_is_over(
    world: World, organizer: Organizer, private: dict[str, Any]
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=3)
    link = await organizer.link(private["id"], expires_at=stamp(soon))
    await asyncio.sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()) + 0.1)

    await is_dead(world, private, link, "ttl")


async def test_a_link_whose_type_was_deleted(world: World, organizer: Organizer) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"])
    gone = await organizer.caller.send("DELETE", f"{BOOKING}/meeting-types/{kind['id']}")
    assert gone.status_code == 204

    seen = await world.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    assert told(seen, 410, "link-dead")["reason"] == "type_deleted"


async def test_a_booking_outlasts_the_change_and_the_end_of_its_type(
    world: World, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(visibility="private", duration_minutes=60)
    link, path = await organizer.link(kind["id"]), f"{BOOKING}/meeting-types/{kind['id']}"
    visitor = world.visitor(link["token"])
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


async def test_a_link_whose_type_was_made_public(world: World, organizer: Organizer) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"])
    path = f"{BOOKING}/meeting-types/{kind['id']}"
    version = (await organizer.caller.get(path)).headers["etag"]
    changed = await organizer.caller.send(
        "PATCH", path, {"visibility": "public"}, headers={"If-Match": version}
    )
    assert changed.status_code == 200, changed.text

    await is_dead(world, kind, link, "type_made_public")


async def is_dead(world: World, kind: dict[str, Any], link: dict[str, Any], reason: str) -> None:
    """Hold that the link opens nothing any more, and says why."""
    seen = await world.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    booked = await world.visitor(link["token"]).book(kind["id"], after(9, 9), EMAIL)

    assert told(seen, 410, "link-dead")["reason"] == reason
    assert told(booked, 410, "link-dead")["reason"] == reason
