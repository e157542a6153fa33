"""Bad input: each is a problem document with a stable type and a sentence that helps."""

import uuid
from typing import Any

import pytest

from tests.e2e.client import BOOKING, Organizer, StackClients, after, new_key, person, wait_until
from tests.e2e.problems import assert_problem

EMAIL = "careless@example.test"


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-1")


@pytest.fixture(scope="module")
async def public(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type()


@pytest.fixture(scope="module")
async def private(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


async def test_an_unknown_meeting_type_is_not_found(
    clients: StackClients, public: dict[str, Any]
) -> None:
    visitor = clients.visitor()

    assert_problem(await visitor.book(str(uuid.uuid4()), after(3, 9), EMAIL), 404, "not-found")
    assert_problem(await visitor.slots(str(uuid.uuid4()), after(3), after(4)), 404, "not-found")


async def test_a_private_type_is_not_found_without_its_link(
    clients: StackClients, private: dict[str, Any]
) -> None:
    visitor = clients.visitor()

    assert_problem(await visitor.book(private["id"], after(3, 9), EMAIL), 404, "not-found")
    seen = await clients.client("booking").get(f"{BOOKING}/public/meeting-types/{private['id']}")
    assert_problem(seen, 404, "not-found")


@pytest.mark.parametrize("start", [after(-1, 9), "2020-02-29T12:00:00Z"])
async def test_a_start_in_the_past_is_refused(
    clients: StackClients, public: dict[str, Any], start: str
) -> None:
    problem = assert_problem(
        await clients.visitor().book(public["id"], start, EMAIL), 409, "slot-not-offered"
    )

    assert problem["reasons"] == ["in_the_past"]


async def test_a_start_off_the_grid_is_refused_with_the_rule_and_the_nearest_times(
    clients: StackClients, public: dict[str, Any]
) -> None:
    answer = await clients.visitor().book(public["id"], after(3, 9, 7), EMAIL)
    problem = assert_problem(answer, 409, "slot-not-offered")
    nearest = [slot["start"] for slot in problem["alternatives"]]

    assert problem["reasons"] == ["on_grid"]
    assert after(3, 9, 0) in nearest
    assert after(3, 9, 30) in nearest


async def test_a_start_beyond_the_horizon_is_refused(
    clients: StackClients, public: dict[str, Any]
) -> None:
    problem = assert_problem(
        await clients.visitor().book(public["id"], after(90, 9), EMAIL), 409, "slot-not-offered"
    )

    assert "horizon" in problem["reasons"]


async def test_a_taken_slot_comes_with_the_nearest_free_times(
    clients: StackClients, public: dict[str, Any]
) -> None:
    visitor, start = clients.visitor(), after(6, 9)
    first = await visitor.book(public["id"], start, "first@example.test")
    assert first.status_code == 201, first.text
    problem = assert_problem(await visitor.book(public["id"], start, EMAIL), 409, "slot-taken")
    nearest = [slot["start"] for slot in problem["alternatives"]]

    assert nearest
    assert start not in nearest
    again = await visitor.book(public["id"], nearest[0], "second@example.test")
    assert again.status_code == 201, "an alternative can be booked"


@pytest.mark.parametrize("token", ["bwm_nonsense", "", "bwl_" + "A" * 64])
async def test_a_forged_manage_token_is_not_found(
    clients: StackClients, public: dict[str, Any], token: str
) -> None:
    visitor = clients.visitor()
    booked = (await visitor.book(public["id"], await free(clients, public), EMAIL)).json()
    forged = {**booked, "manage_token": token}

    assert_problem(await visitor.change(forged, "cancel"), 404, "not-found")
    assert_problem(
        await clients.visitor("bwl_nonsense").book(public["id"], after(9), EMAIL), 404, "not-found"
    )


async def test_a_manage_token_opens_its_own_booking_only(
    clients: StackClients, public: dict[str, Any]
) -> None:
    visitor = clients.visitor()
    mine = (await visitor.book(public["id"], await free(clients, public), EMAIL)).json()
    other = (await visitor.book(public["id"], await free(clients, public), EMAIL)).json()

    assert_problem(
        await visitor.change({"id": other["id"], "manage_token": mine["manage_token"]}, "cancel"),
        404,
        "not-found",
    )


async def free(clients: StackClients, kind: dict[str, Any]) -> str:
    """Return a free start."""
    return (await clients.visitor().starts(kind["id"], after(10), after(11)))[0]


async def test_a_malformed_body_is_answered_with_pointers(
    clients: StackClients, public: dict[str, Any]
) -> None:
    body = {
        "meeting_type_id": "no id",
        "start": "yesterday",
        "attendee": {"name": "V", "email": EMAIL, "time_zone": "Mars/Olympus", "colour": "red"},
    }
    answer = await clients.visitor().caller.send("POST", f"{BOOKING}/bookings", body)
    problem = assert_problem(answer, 422, "invalid")

    assert {error["pointer"] for error in problem["errors"]} == {
        "#/meeting_type_id",
        "#/start",
        "#/attendee/time_zone",
        "#/attendee/colour",
    }
    assert all(error["detail"] for error in problem["errors"])


async def test_a_body_that_is_not_json_is_refused(clients: StackClients) -> None:
    answer = await clients.client("booking").post(
        f"{BOOKING}/bookings",
        content=b"{not json",
        headers={"Idempotency-Key": new_key(), "Content-Type": "application/json"},
    )

    assert_problem(answer, 422, "invalid")


async def test_a_malformed_mail_address_is_refused(
    clients: StackClients, public: dict[str, Any]
) -> None:
    answer = await clients.visitor().book(public["id"], after(11, 9), "nobody at home")
    problem = assert_problem(answer, 422, "invalid")

    assert [error["pointer"] for error in problem["errors"]] == ["#/attendee/email"]


async def test_a_body_over_the_limit_is_refused(
    clients: StackClients, public: dict[str, Any]
) -> None:
    body = {
        "meeting_type_id": public["id"],
        "start": after(11, 9),
        "attendee": person(EMAIL, name="V" * 70_000),
    }

    assert_problem(
        await clients.visitor().caller.send("POST", f"{BOOKING}/bookings", body), 413, "too-large"
    )


async def test_a_body_over_the_limit_without_a_length_is_refused(
    clients: StackClients,
) -> None:
    async def endless() -> Any:
        for _ in range(70):
            yield b" " * 1024

    answer = await clients.client("booking").post(
        f"{BOOKING}/bookings",
        content=endless(),
        headers={"Idempotency-Key": new_key(), "Content-Type": "application/json"},
    )

    assert_problem(answer, 413, "too-large")


async def test_a_key_used_with_another_body_is_refused(
    clients: StackClients, public: dict[str, Any]
) -> None:
    visitor, key = clients.visitor(), new_key()
    first = await visitor.book(public["id"], await free(clients, public), EMAIL, key)
    assert first.status_code == 201, first.text

    assert_problem(
        await visitor.book(public["id"], after(12, 9), EMAIL, key), 422, "idempotency-key-reused"
    )


@pytest.mark.parametrize("key", ["short", "x" * 201])
async def test_a_key_of_the_wrong_length_is_refused(
    clients: StackClients, public: dict[str, Any], key: str
) -> None:
    assert_problem(
        await clients.visitor().book(public["id"], after(12, 9), EMAIL, key), 422, "invalid"
    )


async def test_a_request_without_a_valid_sign_in_is_refused(clients: StackClients) -> None:
    http = clients.client("booking")

    missing = await http.get(f"{BOOKING}/page")
    forged = await http.get(f"{BOOKING}/page", headers={"Authorization": "Bearer forged"})

    assert_problem(missing, 401, "unauthenticated")
    assert_problem(forged, 401, "unauthenticated")
    assert missing.headers["www-authenticate"] == "Bearer"


async def test_a_request_with_another_role_is_refused(clients: StackClients) -> None:
    assert_problem(await clients.signed_in("otto").get(f"{BOOKING}/page"), 403, "forbidden")
    assert_problem(
        await clients.signed_in("anna", "policy").get("/api/policy/v1/organization"),
        403,
        "forbidden",
    )


async def test_resources_of_another_organizer_are_not_found(
    clients: StackClients, organizer: Organizer, public: dict[str, Any], private: dict[str, Any]
) -> None:
    link = await organizer.link(private["id"])
    booked = (await clients.visitor().book(public["id"], await free(clients, public), EMAIL)).json()
    stranger = (await clients.organizer("organizer-2")).caller

    for path in (
        f"/meeting-types/{public['id']}",
        f"/meeting-types/{private['id']}/links",
        f"/links/{link['id']}",
        f"/bookings/{booked['id']}",
        f"/bookings/{booked['id']}/invite.ics",
    ):
        assert_problem(await stranger.get(BOOKING + path), 404, "not-found")
    for method, path in (
        ("PATCH", f"/meeting-types/{public['id']}"),
        ("DELETE", f"/meeting-types/{public['id']}"),
        ("POST", f"/meeting-types/{private['id']}/links"),
        ("DELETE", f"/links/{link['id']}"),
        ("POST", f"/bookings/{booked['id']}/cancel"),
    ):
        body = {"title": "Mine now"} if method == "PATCH" else None
        answer = await stranger.send(method, BOOKING + path, body, headers={"If-Match": '"1"'})
        assert_problem(answer, 404, "not-found")
    seen = await stranger.get(f"{BOOKING}/bookings")
    assert seen.json()["items"] == []


async def test_an_unknown_address_is_not_found(clients: StackClients) -> None:
    assert_problem(await clients.client("booking").get(f"{BOOKING}/nothing"), 404, "not-found")
    assert_problem(
        await clients.client("booking").get(f"{BOOKING}/public/pages/nobody"), 404, "not-available"
    )


async def test_a_refusal_is_repeated_under_its_key(
    clients: StackClients, public: dict[str, Any]
) -> None:
    visitor, key, start = clients.visitor(), new_key(), after(13, 9)
    first = (await visitor.book(public["id"], start, "holder@example.test")).json()
    refused = await visitor.book(public["id"], start, EMAIL, key)
    assert (await visitor.change(first, "cancel")).status_code == 200

    async def is_free_again() -> bool:
        return start in await visitor.starts(public["id"], after(13), after(14))

    await wait_until(is_free_again, 5)
    again = await visitor.book(public["id"], start, EMAIL, key)

    assert assert_problem(refused, 409, "slot-taken") == assert_problem(again, 409, "slot-taken")
    assert again.headers["idempotent-replayed"] == "true"
