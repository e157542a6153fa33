"""Parts that stay away for a while: what is answered meanwhile, and what is made up for later."""

import asyncio
import time

import httpx

from tests.checker.idle import SERVICES
from tests.e2e.client import BOOKING, StackClients, new_key, wait_until
from tests.faults.load import BookableOrganizer, Load
from tests.faults.stack_under_test import StackUnderTest


async def test_without_kafka_a_booking_is_held_and_confirmed_once_it_is_back(
    stack_under_test: StackUnderTest, clients: StackClients, organizers: list[BookableOrganizer]
) -> None:
    organizer, visitor, key = organizers[0], clients.visitor(), new_key()
    start, email = organizer.start(), f"patient-{new_key()[:8]}@example.test"
    async with stack_under_test.stopped("kafka"):
        began = time.monotonic()
        held = await visitor.book(organizer.public, start, email, key)
        waited = time.monotonic() - began
        at_once = await visitor.reserve(organizer.public, organizer.start(), Prefer="respond-async")

    async def confirmed() -> httpx.Response | None:
        answer = await visitor.book(organizer.public, start, email, key)
        return answer if answer.status_code == 201 else None

    booked = await wait_until(confirmed, 30, "the confirmation")
    stack_under_test.note_booked(organizer.account.id, email, start, booked.json()["id"], key)

    assert held.status_code == 202, held.text
    assert (held.json()["status"], held.json()["verdict"]) == ("held", "pending")
    assert held.headers["retry-after"]
    assert waited < 5
    assert (at_once.status_code, at_once.json()["status"]) == (201, "held")
    assert booked.json()["id"] == held.json()["id"]
    assert booked.json()["status"] == "confirmed"


async def test_without_postgres_each_service_is_not_ready_and_recovers_by_itself(
    stack_under_test: StackUnderTest, clients: StackClients, organizers: list[BookableOrganizer]
) -> None:
    organizer, visitor, key = organizers[1], clients.visitor(), new_key()
    start, email = organizer.start(), f"early-{new_key()[:8]}@example.test"
    async with stack_under_test.stopped("postgres"):
        refused, page, alive, *answers = await asyncio.gather(
            visitor.book(organizer.public, start, email, key),
            clients.client("booking").get(f"{BOOKING}/public/pages/{organizer.account.name}"),
            clients.client("booking").get("/livez"),
            *(clients.client(service).get("/readyz") for service in SERVICES),
        )
    came_back = time.monotonic()

    async def all_ready() -> bool:
        ready = [await clients.client(each).get("/readyz") for each in SERVICES]
        return all(each.status_code == 200 for each in ready)

    await wait_until(all_ready, 30, "readiness")
    print(f"ready after {time.monotonic() - came_back:.1f} s")
    load = Load(clients, [organizer])
    await load.run(7)
    stack_under_test.asked += load.asked

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
    stack_under_test: StackUnderTest, clients: StackClients, organizers: list[BookableOrganizer]
) -> None:
    organizer, visitor = organizers[2], clients.visitor()
    email, key = f"waiting-{new_key()[:8]}@example.test", new_key()
    start = organizer.start()
    async with stack_under_test.stopped("inbox"):
        booked = await visitor.book(organizer.public, start, email, key)
        assert booked.status_code == 201, booked.text
        otto = clients.signed_in("otto", "notifier")

        async def delayed() -> list[str]:
            seen = await otto.get("/api/notifier/v1/deliveries", booking_id=booked.json()["id"])
            states = [each["state"] for each in seen.json()["items"]]
            return states if set(states) == {"retrying"} else []

        waiting = await wait_until(delayed, 15, "two letters that wait")
    stack_under_test.note_booked(organizer.account.id, email, start, booked.json()["id"], key)

    async def arrived() -> bool:
        seen = await clients.client("inbox").get("/api/messages", params={"to": email})
        return bool(seen.json()["items"])

    await wait_until(arrived, 30, "the mail")
    assert len(waiting) == 2
