"""Parts that stay away for a while: what is answered meanwhile, and what is made up for later."""

import asyncio
import time

import httpx

from tests.checker.evidence import Asked
from tests.checker.quiet import SERVICES
from tests.e2e.client import BOOKING, World, instant, new_key, wait_until
from tests.faults.breaking import Bench
from tests.faults.load import Load, Place


async def test_without_kafka_a_booking_is_held_and_confirmed_once_it_is_back(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor, key = where[0], world.visitor(), new_key()
    start, email = place.start(), f"patient-{new_key()[:8]}@example.test"
    async with bench.away("kafka"):
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
    async with bench.away("postgres"):
        refused, page, alive, *answers = await asyncio.gather(
            visitor.book(place.public, start, email, key),
            world.client("booking").get(f"{BOOKING}/public/pages/{place.organizer.name}"),
            world.client("booking").get("/livez"),
            *(world.client(service).get("/readyz") for service in SERVICES),
        )
    came_back = time.monotonic()

    async def all_ready() -> bool:
        ready = [await world.client(each).get("/readyz") for each in SERVICES]
        return all(each.status_code == 200 for each in ready)

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
    for answer in answers:
        assert answer.status_code == 503
        assert list(answer.json()["not_ready"]) == ["database"]
    assert {asked.outcome for asked in load.asked} == {"ok", "refused"}


async def test_without_a_mail_server_mail_waits_and_arrives_once_it_is_back(
    bench: Bench, world: World, where: list[Place]
) -> None:
    place, visitor = where[2], world.visitor()
    email, key = f"waiting-{new_key()[:8]}@example.test", new_key()
    start = place.start()
    async with bench.away("inbox"):
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
