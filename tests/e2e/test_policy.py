"""The administrators' switch, as everybody notices it."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.client import BOOKING, Caller, Organizer, StackClients, after, wait_until
from tests.e2e.topics import read_topics

POLICY = "/api/policy/v1"
SOON_SECONDS = 2.0


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-11")


@pytest.fixture(scope="module")
async def kind(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


@pytest.fixture
async def administrator(clients: StackClients, organizer: Organizer) -> AsyncIterator[Caller]:
    ada = clients.signed_in("ada", "policy")
    yield ada
    await switch(ada, "/organization", None)
    await switch(ada, f"/users/{organizer.id}", None)
    await until_page(clients, organizer, 200)


async def switch(administrator: Caller, path: str, value: bool | None) -> None:
    version = (await administrator.get(POLICY + path)).headers["etag"]
    body = {"EwsEnabled": value, "reason": "a test", "confirm": True}
    changed = await administrator.send("PATCH", POLICY + path, body, headers={"If-Match": version})
    assert changed.status_code == 200, changed.text


async def until_page(clients: StackClients, organizer: Organizer, status: int) -> float:
    """Wait until the public page answers so; return how long it took."""
    began = time.monotonic()
    http = clients.client("booking")

    async def answers() -> bool:
        seen = await http.get(f"{BOOKING}/public/pages/{organizer.name}")
        return bool(seen.status_code == status)

    await wait_until(answers, 10, f"{status} for the page")
    return time.monotonic() - began


async def until_own_page(organizer: Organizer, *, available: bool) -> dict[str, Any]:
    """Wait until the organizer's own page says so, soon; return it."""
    page: dict[str, Any] = {}

    async def says() -> bool:
        page.update((await organizer.caller.get(f"{BOOKING}/page")).json())
        return bool(page["available"] is available)

    await wait_until(says, SOON_SECONDS, f"a page that is available: {available}")
    return page


@pytest.mark.parametrize("level", ["organization", "user"])
async def test_a_denial_closes_the_page_within_two_seconds_and_a_permission_opens_it_again(
    clients: StackClients, organizer: Organizer, administrator: Caller, level: str
) -> None:
    path = "/organization" if level == "organization" else f"/users/{organizer.name}"
    await switch(administrator, path, False)
    closed_after = await until_page(clients, organizer, 404)
    own = await until_own_page(organizer, available=False)
    effective = (await administrator.get(f"{POLICY}/users/{organizer.id}/effective")).json()
    await switch(administrator, path, True)
    opened_after = await until_page(clients, organizer, 200)

    assert closed_after < SOON_SECONDS
    assert opened_after < SOON_SECONDS
    assert own["denied_by"] == "ews_enabled"
    assert effective["enabled"] is False
    assert effective["rules"][0]["decided_by"] == level


async def test_a_denial_releases_holds_suspends_links_and_keeps_bookings(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any], administrator: Caller
) -> None:
    link = await organizer.link(kind["id"])
    visitor = clients.visitor(link["token"])
    booked = (await visitor.book(kind["id"], after(3, 9), "early@example.test")).json()
    held = (await visitor.reserve(kind["id"], after(3, 10))).json()
    assert (booked["status"], held["status"]) == ("confirmed", "held")

    await switch(administrator, f"/users/{organizer.id}", False)
    await until_page(clients, organizer, 404)

    suspended = await clients.client("booking").get(f"{BOOKING}/public/links/{link['token']}")
    refused = await visitor.book(kind["id"], after(3, 11), "late@example.test")
    released = await visitor.show(held)
    too_late = await visitor.change(
        held, "confirm", {"attendee": {"name": "Late", "email": "late@example.test"}}
    )
    cancelled = await visitor.change(booked, "cancel")

    assert (suspended.status_code, suspended.json()["type"]) == (403, "/problems/not-available")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-available")
    assert (released["status"], released["release_reason"]) == ("released", "policy_disabled")
    assert too_late.status_code in (404, 409)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


async def test_within_two_seconds_of_a_denial_holds_are_released_and_requests_refused(
    clients: StackClients, organizer: Organizer, administrator: Caller
) -> None:
    """Measured from the answer to the administrator's change; the time is printed."""
    await until_page(clients, organizer, 200)
    by_request = await organizer.meeting_type(approval_required=True, title="Audience")
    visitor = clients.visitor()
    asked = (await visitor.book(by_request["id"], after(5, 9), "asks@example.test")).json()
    held = (await visitor.reserve(by_request["id"], after(5, 11))).json()
    assert ("requested", "held") == (asked["status"], held["status"])

    await switch(administrator, f"/users/{organizer.id}", False)
    began = time.monotonic()

    async def both() -> bool:
        request, hold = await visitor.show(asked), await visitor.show(held)
        return (request["status"], hold["status"]) == ("declined", "released")

    await wait_until(both, 10, "the end of request and hold")
    took = time.monotonic() - began
    refused = await visitor.reserve(by_request["id"], after(5, 13))
    print(f"a denial took effect on a hold and a request after {took:.3f} s")

    assert took < SOON_SECONDS
    assert "policy_disabled" == (await visitor.show(held))["release_reason"]
    assert (404, "/problems/not-available") == (refused.status_code, refused.json()["type"])


async def test_a_suspended_link_works_again_when_its_page_is_open(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any], administrator: Caller
) -> None:
    link = await organizer.link(kind["id"])
    await switch(administrator, f"/users/{organizer.id}", False)
    await until_page(clients, organizer, 404)
    await switch(administrator, f"/users/{organizer.id}", True)
    await until_page(clients, organizer, 200)

    booked = await clients.visitor(link["token"]).book(
        kind["id"], after(3, 14), "back@example.test"
    )

    assert booked.status_code == 201, booked.text


async def test_each_decision_is_published_with_its_rule(
    clients: StackClients, organizer: Organizer, administrator: Caller
) -> None:
    await switch(administrator, f"/users/{organizer.id}", False)
    await until_page(clients, organizer, 404)
    records = await read_topics(clients.stack.kafka, ["policy.events.v1"])
    mine = [each for each in records if each.key == organizer.id]

    assert [each.name for each in mine[-2:]] == ["UserPolicyChanged", "AccessWithdrawn"]
    assert mine[-1].body["rule"] == "ews_enabled"
    assert [each.sequence for each in mine] == list(range(1, len(mine) + 1))


async def test_a_change_without_a_reason_is_refused(
    organizer: Organizer, administrator: Caller
) -> None:
    path = f"{POLICY}/users/{organizer.id}"
    version = (await administrator.get(path)).headers["etag"]
    headers = {"If-Match": version}
    answer = await administrator.send("PATCH", path, {"EwsEnabled": False}, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert answer.json()["errors"][0]["pointer"] == "#/reason"


async def test_a_change_of_an_outdated_setting_is_refused(
    organizer: Organizer, administrator: Caller
) -> None:
    path = f"{POLICY}/users/{organizer.id}"
    body = {"EwsEnabled": True, "reason": "a test"}
    blind = await administrator.send("PATCH", path, body)
    stale = await administrator.send("PATCH", path, body, headers={"If-Match": '"0"'})

    assert (blind.status_code, blind.json()["type"]) == (428, "/problems/precondition-required")
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/version-conflict")


async def test_a_blocked_application_closes_everything_of_a_user_and_opens_again(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any], administrator: Caller
) -> None:
    path = f"{POLICY}/users/{organizer.id}"
    link = await organizer.link(kind["id"])
    visitor = clients.visitor(link["token"])
    booked = (await visitor.book(kind["id"], after(6, 9), "kept@example.test")).json()
    held = (await visitor.reserve(kind["id"], after(6, 10))).json()
    block = {"EwsApplicationAccessPolicy": "EnforceBlockList", "EwsBlockList": ["*Personal*"]}
    allow: dict[str, Any] = {"EwsApplicationAccessPolicy": None, "EwsBlockList": []}

    await change(administrator, path, block)
    closed_after = await until_page(clients, organizer, 404)
    effective = (await administrator.get(f"{path}/effective")).json()
    confirmed = await visitor.change(
        held, "confirm", {"attendee": {"name": "Late", "email": "late@example.test"}}
    )
    released = await visitor.show(held)
    kept = await visitor.show(booked)
    await change(administrator, path, allow)
    opened_after = await until_page(clients, organizer, 200)
    again = await visitor.book(kind["id"], after(6, 11), "again@example.test")

    assert max(closed_after, opened_after) < SOON_SECONDS
    assert ["ews_application_access_policy"] == effective["denied_by"]
    assert confirmed.status_code in (404, 409)
    assert "policy_disabled" == released["release_reason"]
    assert "confirmed" == kept["status"]
    assert again.status_code == 201, again.text


async def test_a_policy_service_that_is_killed_behind_a_switch_carries_it_through(
    clients: StackClients, organizer: Organizer, administrator: Caller
) -> None:
    path = f"{POLICY}/organization"
    before = (await administrator.get(path)).json()["policy_version"]
    restarts = {name: clients.stack.parts()[name].restarts for name in ("policy-1", "policy-2")}
    await switch(administrator, "/organization", False)
    for name in restarts:
        clients.stack.kill(name)
    await until_page(clients, organizer, 404)
    for name, number in restarts.items():
        clients.stack.wait_for(name, restarts=number + 1)

    async def is_applied() -> bool:
        records = await read_topics(clients.stack.kafka, ["policy.events.v1"])
        versions = [each.body["policy_version"] for each in records if each.name == "PolicyApplied"]
        return bool(max(versions, default=0) > before)

    await wait_until(is_applied, 30, "the run over all users")
    records = await read_topics(clients.stack.kafka, ["policy.events.v1"])
    mine = [each for each in records if each.key == organizer.id]

    assert "AccessWithdrawn" == mine[-1].name
    assert before + 1 == mine[-1].body["policy_version"]


async def change(administrator: Caller, path: str, body: dict[str, Any]) -> None:
    sent = {**body, "reason": "a test", "confirm": True}
    answer = await administrator.send("PATCH", path, sent, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
