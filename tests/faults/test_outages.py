"""Parts that stay away for a while: what is answered meanwhile, and what is made up for later."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.checker.evidence import Asked, Fault
from tests.e2e.client import BOOKING, World, instant, new_key, person, wait_until
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place

AWAY_SECONDS = 3.0
MEANWHILE = 40


@asynccontextmanager
async def away(bench: Bench, part: str) -> AsyncIterator[None]:
    """Keep a part down inside the block."""
    before = bench.restarts(part)
    bench.stack.hold(part)
    try:
        yield
    finally:
        bench.stack.release(part)
        assert await bench.until_restarted(part, before)


@pytest.mark.parametrize("part", ["kafka", "postgres", "inbox"])
async def test_nothing_is_lost_or_doubled_when_this_is_away_under_load(
    part: str, bench: Bench, world: World, where: list[Place]
) -> None:
    load = Load(world, where)
    playing = asyncio.create_task(load.play(MEANWHILE))
    await load.until(MEANWHILE // 4)
    async with away(bench, part):
        await asyncio.sleep(AWAY_SECONDS)
    await playing
    bench.asked += load.asked
    violations = await bench.violations([Fault(f"{part} away", 1, 1)])

    assert violations == [], words(violations)
    assert all(asked.outcome != "unknown" for asked in load.asked)


async def test_without_kafka_a_booking_is_held_and_confirmed_once_it_is_back(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor, key = where[0], world.visitor(), new_key()
    start, email = place.start(), f"patient-{new_key()[:8]}@example.test"
    async with away(bench, "kafka"):
        began = time.monotonic()
        held = await visitor.book(place.public, start, email, key)
        waited = time.monotonic() - began
        at_once = await visitor.reserve(place.public, place.start(), Prefer="respond-async")

    async def confirmed() -> httpx.Response | None:
        answer = await visitor.book(place.public, start, email, key)
        return answer if answer.status_code == 201 else None

    booked = await wait_until(confirmed, 30, "the confirmation")
    bench.asked.append(
        Asked(
            key=key,
            kind="book",
            outcome="ok",
            organizer_id=place.organizer.id,
            email=email,
            start=instant(start),
            booking_id=booked.json()["id"],
        )
    )

    assert held.status_code == 202, held.text
    assert (held.json()["status"], held.json()["verdict"]) == ("held", "pending")
    assert held.headers["retry-after"]
    assert waited < 5
    assert (at_once.status_code, at_once.json()["status"]) == (201, "held")
    assert booked.json()["id"] == held.json()["id"]
    assert booked.json()["status"] == "confirmed"


async def test_without_postgres_each_service_says_so_and_recovers_by_itself(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor, key = where[1], world.visitor(), new_key()
    start, email = place.start(), f"early-{new_key()[:8]}@example.test"
    async with away(bench, "postgres"):
        refused = await visitor.book(place.public, start, email, key)
        page = await world.client("booking").get(f"{BOOKING}/public/pages/{place.organizer.name}")
        ready = {
            service: await world.client(service).get("/readyz")
            for service in ("booking", "availability", "notifier", "policy")
        }
        alive = await world.client("booking").get("/livez")
    came_back = time.monotonic()

    async def all_ready() -> bool:
        answers = [await world.client(each).get("/readyz") for each in ready]
        return all(each.status_code == 200 for each in answers)

    await wait_until(all_ready, 30, "readiness")
    print(f"ready after {time.monotonic() - came_back:.1f} s")
    load = Load(world, [place])
    await load.play(7)
    bench.asked += load.asked

    assert alive.status_code == 200
    for answer in (refused, page):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["retry_after_seconds"] > 0
    for answer in ready.values():
        assert answer.status_code == 503
        assert list(answer.json()["not_ready"]) == ["database"]
    assert {asked.outcome for asked in load.asked} == {"ok", "refused"}


async def test_without_a_mail_server_mail_waits_and_arrives_once_it_is_back(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor = where[2], world.visitor()
    email, key = f"waiting-{new_key()[:8]}@example.test", new_key()
    start = place.start()
    async with away(bench, "inbox"):
        booked = await visitor.book(place.public, start, email, key)
        assert booked.status_code == 201, booked.text
        otto = world.signed_in("otto", "notifier")

        async def delayed() -> list[str]:
            seen = await otto.get("/api/notifier/v1/deliveries", booking_id=booked.json()["id"])
            states = [each["state"] for each in seen.json()["items"]]
            return states if set(states) == {"retrying"} else []

        waiting = await wait_until(delayed, 15, "two letters that wait")
    bench.asked.append(
        Asked(
            key=key,
            kind="book",
            outcome="ok",
            organizer_id=place.organizer.id,
            email=email,
            start=instant(start),
            booking_id=booked.json()["id"],
        )
    )

    async def arrived() -> bool:
        seen = await world.client("inbox").get("/api/messages", params={"to": email})
        return bool(seen.json()["items"])

    await wait_until(arrived, 30, "the mail")
    assert len(waiting) == 2


async def test_a_visitor_who_lost_the_answer_gets_it_by_the_same_key(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor, key = where[3], world.visitor(), new_key()
    start, email = place.start(), f"cut-off-{new_key()[:8]}@example.test"
    bench.arm("booking", "http.answering")
    lost: Exception | None = None
    try:
        await visitor.book(place.public, start, email, key)
    except httpx.TransportError as error:
        lost = error

    async def answered() -> httpx.Response | None:
        try:
            answer = await visitor.book(place.public, start, email, key)
        except httpx.TransportError:
            return None
        return answer if answer.status_code == 201 else None

    booked = await wait_until(answered, 30, "the answer")
    confirmed = await visitor.change(booked.json(), "confirm", {"attendee": person(email)})
    bench.asked.append(
        Asked(
            key=key,
            kind="book",
            outcome="ok",
            organizer_id=place.organizer.id,
            email=email,
            start=instant(start),
            booking_id=booked.json()["id"],
        )
    )

    assert lost is not None, "the process has died before it could answer"
    assert bench.was_hit("booking")
    assert booked.json()["status"] == "confirmed"
    assert confirmed.json()["version"] == booked.json()["version"], "it was confirmed already"
