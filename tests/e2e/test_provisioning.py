"""A provider switches somebody off by SCIM, as everybody notices it."""

import time
from typing import Any

import httpx

from tests.e2e.client import BOOKING, StackClients, after, wait_until
from tests.e2e.conftest import SCIM_TOKEN

SCIM = "/scim/v2"
SOON_SECONDS = 2.0
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


async def sent(http: httpx.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await http.request(
        method, SCIM + path, json=body, headers={"Authorization": f"Bearer {SCIM_TOKEN}"}
    )
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def seconds_until(clients: StackClients, handle: str, status: int) -> float:
    """Wait until the public page answers so; return how long it took."""
    began = time.monotonic()
    http = clients.client("booking")

    async def answers() -> bool:
        seen = await http.get(f"{BOOKING}/public/pages/{handle}")
        return bool(seen.status_code == status)

    await wait_until(answers, 10, f"{status} for the page")
    return time.monotonic() - began


async def test_who_is_switched_off_by_scim_has_no_page_within_two_seconds_and_keeps_bookings(
    clients: StackClients,
) -> None:
    organizer = await clients.organizer("organizer-68")
    kind = await organizer.meeting_type()
    visitor = clients.visitor()
    booked = (await visitor.book(kind["id"], after(3, 9), "early@example.test")).json()
    held = (await visitor.reserve(kind["id"], after(3, 11))).json()
    policy = clients.client("policy")
    user = {"schemas": [CORE], "userName": organizer.name, "displayName": "Olga", "active": True}
    made = await sent(policy, "POST", "/Users", user)

    off = {"op": "Replace", "path": "active", "value": "False"}
    body = {"schemas": [PATCH], "Operations": [off]}
    changed = await sent(policy, "PATCH", f"/Users/{made['id']}", body)
    closed_after = await seconds_until(clients, organizer.name, 404)

    async def released() -> bool:
        return bool((await visitor.show(held))["status"] == "released")

    await wait_until(released, SOON_SECONDS, "the hold's release")
    kept = await visitor.show(booked)
    own = (await organizer.caller.get(f"{BOOKING}/page")).json()
    on = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": True}}]}
    await sent(policy, "PATCH", f"/Users/{made['id']}", on)
    opened_after = await seconds_until(clients, organizer.name, 200)
    await sent(policy, "DELETE", f"/Users/{made['id']}")
    gone_after = await seconds_until(clients, organizer.name, 404)

    print(f"closed {closed_after:.2f} s, opened {opened_after:.2f} s, deleted {gone_after:.2f} s")
    assert (made["id"], False) == (str(organizer.id), changed["active"])
    assert max(closed_after, opened_after, gone_after) < SOON_SECONDS
    assert ("confirmed", "account") == (kept["status"], own["denied_by"])
