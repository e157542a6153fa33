"""A hold ends at its deadline: the instant decides, whether or not a timer fires."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from deploy.local.settings import ROOT
from deploy.local.stack import LocalStack
from tests.e2e.client import Organizer, StackClients, after, instant, person, wait_until

HOLD_SECONDS = 5


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-41")


@pytest.fixture(scope="module")
async def kind(organizer: Organizer) -> dict[str, Any]:
    return await organizer.meeting_type(visibility="private")


@pytest.fixture(scope="module")
async def without_timers(stack: LocalStack, kind: dict[str, Any]) -> AsyncIterator[None]:
    """Run booking in one process without the timers role, with holds as short as can be."""
    for name in ("booking-1", "booking-2"):
        stack.hold(name)
    process = start_without_timers(stack)
    try:
        await until_ready(stack)
        yield
    finally:
        process.terminate()
        process.wait(30)
        for name in ("booking-1", "booking-2"):
            stack.release(name)
            stack.wait_for(name, restarts=1, seconds=60)


def start_without_timers(stack: LocalStack) -> subprocess.Popen[bytes]:
    settings = {**stack.environment("booking"), "BOOKWITH_HOLD_SECONDS": str(HOLD_SECONDS)}
    roles = ("--roles", "http,relay,consumers")
    with (stack.state_dir / "logs" / "booking-without-timers.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services.booking", "serve", *roles],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )


async def until_ready(stack: LocalStack) -> None:
    async with httpx.AsyncClient(base_url=stack.url("booking"), trust_env=False) as http:

        async def ready() -> bool:
            try:
                answer = await http.get("/readyz")
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and not answer.json()["degraded"]

        await wait_until(ready, 60, "booking without its timers")


async def until_over(held: dict[str, Any]) -> None:
    left = instant(held["hold_expires_at"]) - datetime.now(UTC)
    await asyncio.sleep(max(0.0, left.total_seconds()) + 0.05)


@pytest.mark.usefixtures("without_timers")
async def test_a_hold_ends_at_its_deadline_without_a_timer(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any]
) -> None:
    link = await organizer.link(kind["id"], max_uses=1)
    slow, quick = clients.visitor(link["token"]), clients.visitor(link["token"])
    reserved = await slow.reserve(kind["id"], after(4, 9))
    assert reserved.status_code == 201, reserved.text
    held = reserved.json()
    refused = await quick.book(kind["id"], after(4, 9), "quick@example.test")
    assert refused.status_code == 409, "while it lasts, the time is taken and the link in use"

    await until_over(held)
    late = await slow.change(held, "confirm", {"attendee": person("slow@example.test")})
    seen = await slow.show(held)
    booked = await quick.book(kind["id"], after(4, 9), "quick@example.test")

    assert (late.status_code, late.json()["type"]) == (409, "/problems/hold-over")
    assert (seen["status"], seen["release_reason"]) == ("released", "timeout")
    assert booked.status_code == 201, booked.text


@pytest.mark.usefixtures("without_timers")
async def test_a_hold_can_be_confirmed_until_just_before_its_deadline(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any]
) -> None:
    link = await organizer.link(kind["id"])
    visitor = clients.visitor(link["token"])
    held = (await visitor.reserve(kind["id"], after(4, 11))).json()

    expires_at = instant(held["hold_expires_at"])
    assert HOLD_SECONDS - 3 < (expires_at - datetime.now(UTC)).total_seconds() <= HOLD_SECONDS
    confirmed = await visitor.change(held, "confirm", {"attendee": person("in@example.test")})
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")
    await until_over(held)
    assert (await visitor.show(held))["status"] == "confirmed"


@pytest.mark.usefixtures("without_timers")
async def test_a_link_ends_at_its_deadline_without_a_timer(
    clients: StackClients, organizer: Organizer, kind: dict[str, Any]
) -> None:
    soon = datetime.fromtimestamp(int(time.time()) + 4, UTC)
    link = await organizer.link(kind["id"], expires_at=soon.isoformat())
    await asyncio.sleep(max(0.0, soon.timestamp() - time.time()) + 0.05)
    refused = await clients.visitor(link["token"]).book(kind["id"], after(4, 13), "x@example.test")

    assert (refused.status_code, refused.json()["reason"]) == (410, "ttl")
