"""Bad input: each is a problem document with a stable type and a sentence that helps."""

import uuid
from typing import Any

import pytest

from tests.e2e.client import BOOKING, Organizer, World, after, new_key, person, wait_until
from tests.e2e.problems import told

EMAIL = "careless@example.test"


@pytest.fixture(scope="module")
async def organizer(world: World) -> Organizer:
    return await world.organizer("organizer-1")


@pytest.fixture(scope="module")
async def public(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type()


@pytest.fixture(scope="module")
async def private(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


async def test_a_meeting_type_that_is_not_there(world: World, public: dict[str, Any]) -> None:
    visitor = world.visitor()

    told(await visitor.book(str(uuid.uuid4()), after(3, 9), EMAIL), 404, "not-found")
    told(await visitor.slots(str(uuid.uuid4()), after(3), after(4)), 404, "not-found")


async def test_a_private_type_hides_from_whoever_has_no_link(
    world: World, private: dict[str, Any]
) -> None:
    visitor = world.visitor()

    told(await visitor.book(private["id"], after(3, 9), EMAIL), 404, "not-found")
    seen = await world.client("booking").get(f"{BOOKING}/public/meeting-types/{private['id']}")
    told(seen, 404, "not-found")


@pytest.mark.parametrize("start", [after(-1, 9), "2020-02-29T12:00:00Z"])
async def test_a_start_in_the_past(world: World, public: dict[str, Any], start: str) -> None:
    problem = told(await world.visitor().book(public["id"], start, EMAIL), 409, "slot-not-offered")

    assert problem["reasons"] == ["in_the_past"]


async def test_a_start_off_the_grid_names_the_rule_and_the_nearest_times(
    world: World, public: dict[str, Any]
) -> None:
    answer = await world.visitor().book(public["id"], after(3, 9, 7), EMAIL)
    problem = told(answer, 409, "slot-not-offered")
    nearest = [slot["start"] for slot in problem["alternatives"]]

    assert problem["reasons"] == ["on_grid"]
    assert after(3, 9, 0) in nearest
    assert after(3, 9, 30) in nearest


async def test_a_start_beyond_the_horizon(world: World, public: dict[str, Any]) -> None:
    problem = told(
        await world.visitor().book(public["id"], after(90, 9), EMAIL), 409, "slot-not-offered"
    )

    assert "horizon" in problem["reasons"]


async def test_a_taken_slot_comes_with_the_nearest_free_times(
    world: World, public: dict[str, Any]
) -> None:
    visitor, start = world.visitor(), after(6, 9)
    first = await visitor.book(public["id"], start, "first@example.test")
    assert first.status_code == 201, first.text
    problem = told(await visitor.book(public["id"], start, EMAIL), 409, "slot-taken")
    nearest = [slot["start"] for slot in problem["alternatives"]]

    assert nearest
    assert start not in nearest
    again = await visitor.book(public["id"], nearest[0], "second@example.test")
    assert again.status_code == 201, "an alternative can be booked"


@pytest.mark.parametrize("token", ["bwm_nonsense", "", "bwl_" + "A" * 64])
async def test_a_manage_token_that_is_not_genuine(
    world: World, public: dict[str, Any], token: str
) -> None:
    visitor = world.visitor()
    booked = (await visitor.book(public["id"], await free(world, public), EMAIL)).json()
    forged = {**booked, "manage_token": token}

    told(await visitor.change(forged, "cancel"), 404, "not-found")
    told(await world.visitor("bwl_nonsense").book(public["id"], after(9), EMAIL), 404, "not-found")


async def test_a_manage_token_opens_its_own_booking_only(
    world: World, public: dict[str, Any]
) -> None:
    visitor = world.visitor()
    mine = (await visitor.book(public["id"], await free(world, public), EMAIL)).json()
    other = (await visitor.book(public["id"], await free(world, public), EMAIL)).json()

    told(
        await visitor.change({"id": other["id"], "manage_token": mine["manage_token"]}, "cancel"),
        404,
        "not-found",
    )


async def free(world: World, kind: dict[str, Any]) -> str:
    """Return a free start."""
    return (await world.visitor().starts(kind["id"], after(10), after(11)))[0]


async def test_a_malformed_body_is_answered_with_pointers(
    world: World, public: dict[str, Any]
) -> None:
    body = {
        "meeting_type_id": "no id",
        "start": "yesterday",
        "attendee": {"name": "V", "email": EMAIL, "time_zone": "Mars/Olympus", "colour": "red"},
    }
    answer = await world.visitor().caller.send("POST", f"{BOOKING}/bookings", body)
    problem = told(answer, 422, "invalid")

    assert {error["pointer"] for error in problem["errors"]} == {
        "#/meeting_type_id",
        "#/start",
        "#/attendee/time_zone",
        "#/attendee/colour",
    }
    assert all(error["detail"] for error in problem["errors"])


async def test_a_body_that_is_no_json(world: World) -> None:
    answer = await world.client("booking").post(
        f"{BOOKING}/bookings",
        content=b"{not json",
        headers={"Idempotency-Key": new_key(), "Content-Type": "application/json"},
    )

    told(answer, 422, "invalid")


async def test_an_address_that_no_mail_can_reach(world: World, public: dict[str, Any]) -> None:
    answer = await world.visitor().book(public["id"], after(11, 9), "nobody at home")
    problem = told(answer, 422, "invalid")

    assert [error["pointer"] for error in problem["errors"]] == ["#/attendee/email"]


async def test_a_body_past_the_limit(world: World, public: dict[str, Any]) -> None:
    body = {
        "meeting_type_id": public["id"],
        "start": after(11, 9),
        "attendee": person(EMAIL, name="V" * 70_000),
    }

    told(await world.visitor().caller.send("POST", f"{BOOKING}/bookings", body), 413, "too-large")


async def test_a_body_past_the_limit_that_does_not_say_how_long_it_is(world: World) -> None:
    async def endless() -> Any:
        for _ in range(70):
            yield b" " * 1024

    answer = await world.client("booking").post(
        f"{BOOKING}/bookings",
        content=endless(),
        headers={"Idempotency-Key": new_key(), "Content-Type": "application/json"},
    )

    told(answer, 413, "too-large")


async def test_a_key_that_came_with_another_body(world: World, public: dict[str, Any]) -> None:
    visitor, key = world.visitor(), new_key()
    first = await visitor.book(public["id"], await free(world, public), EMAIL, key)
    assert first.status_code == 201, first.text

    told(await visitor.book(public["id"], after(12, 9), EMAIL, key), 422, "idempotency-key-reused")


@pytest.mark.parametrize("key", ["short", "x" * 201])
async def test_a_key_of_the_wrong_length(world: World, public: dict[str, Any], key: str) -> None:
    told(await world.visitor().book(public["id"], after(12, 9), EMAIL, key), 422, "invalid")


async def test_whoever_is_not_signed_in(world: World) -> None:
    http = world.client("booking")

    missing = await http.get(f"{BOOKING}/page")
    forged = await http.get(f"{BOOKING}/page", headers={"Authorization": "Bearer forged"})

    told(missing, 401, "unauthenticated")
    told(forged, 401, "unauthenticated")
    assert missing.headers["www-authenticate"] == "Bearer"


async def test_whoever_has_another_role(world: World) -> None:
    told(await world.signed_in("otto").get(f"{BOOKING}/page"), 403, "forbidden")
    told(
        await world.signed_in("anna", "policy").get("/api/policy/v1/organization"),
        403,
        "forbidden",
    )


async def test_the_things_of_another_organizer_are_not_there(
    world: World, organizer: Organizer, public: dict[str, Any], private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"])
    booked = (await world.visitor().book(public["id"], await free(world, public), EMAIL)).json()
    stranger = (await world.organizer("organizer-2")).caller

    for path in (
        f"/meeting-types/{public['id']}",
        f"/meeting-types/{private['id']}/links",
        f"/links/{link['id']}",
        f"/bookings/{booked['id']}",
        f"/bookings/{booked['id']}/invite.ics",
    ):
        told(await stranger.get(BOOKING + path), 404, "not-found")
    for method, path in (
        ("PATCH", f"/meeting-types/{public['id']}"),
        ("DELETE", f"/meeting-types/{public['id']}"),
        ("POST", f"/meeting-types/{private['id']}/links"),
        ("DELETE", f"/links/{link['id']}"),
        ("POST", f"/bookings/{booked['id']}/cancel"),
    ):
        body = {"title": "Mine now"} if method == "PATCH" else None
        answer = await stranger.send(method, BOOKING + path, body, headers={"If-Match": '"1"'})
        told(answer, 404, "not-found")
    seen = await stranger.get(f"{BOOKING}/bookings")
    assert seen.json()["items"] == []


async def test_an_address_that_nothing_has(world: World) -> None:
    told(await world.client("booking").get(f"{BOOKING}/nothing"), 404, "not-found")
    told(await world.client("booking").get(f"{BOOKING}/public/pages/nobody"), 404, "not-available")


async def test_a_refusal_is_remembered_under_its_key(world: World, public: dict[str, Any]) -> None:
    visitor, key, start = world.visitor(), new_key(), after(13, 9)
    first = (await visitor.book(public["id"], start, "holder@example.test")).json()
    refused = await visitor.book(public["id"], start, EMAIL, key)
    assert (await visitor.change(first, "cancel")).status_code == 200

    async def is_free_again() -> bool:
        return start in await visitor.starts(public["id"], after(13), after(14))

    await wait_until(is_free_again, 5)
    again = await visitor.book(public["id"], start, EMAIL, key)

    assert told(refused, 409, "slot-taken") == told(again, 409, "slot-taken")
    assert again.headers["idempotent-replayed"] == "true"
