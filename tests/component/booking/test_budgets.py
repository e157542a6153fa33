"""Budgets of visitors over HTTP: shared by processes, told, and in no organizer's way."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from tests.component.booking.booking_service import (
    BookingService,
    Organizer,
    day,
    key,
    problem,
    vera,
)
from tests.component.booking.browsing import Visitor, browsing, hold, offer
from tests.component.booking.conftest import FreeTimesServer
from tests.component.kafka import eventually
from tests.component.running import LOGGED

# The tests' own client is a trusted proxy: it says from which network a visitor comes.
PROXY = {"trusted_proxies": "127.0.0.1/32", "budget_factor": 1}
numbers = iter(range(1, 250))


def network() -> dict[str, str]:
    """Return the header of a network of its own."""
    return {"X-Forwarded-For": f"203.0.113.{next(numbers)}"}


@asynccontextmanager
async def with_budgets(service: BookingService, **changes: Any) -> AsyncIterator[BookingService]:
    async with service.another_process(**{**PROXY, **changes}) as process:
        yield process


async def reserve(
    process: BookingService,
    kind: dict[str, Any],
    start: str,
    headers: dict[str, str],
    **more: Any,
) -> httpx.Response:
    asked = {"meeting_type_id": kind["id"], "start": start, **more}
    return await process.call("POST", "/bookings", asked, headers)


async def run(service: BookingService, statement: str) -> None:
    async with service.booking.database.connection() as connection:
        await connection.execute(statement.encode())


def exhausted(name: str) -> float:
    labels = {"budget": name}
    return REGISTRY.get_sample_value("bookwith_budget_exhausted_total", labels) or 0


@pytest.fixture
async def kind(anna: Organizer) -> dict[str, Any]:
    return await anna.meeting_type()


async def test_a_network_that_has_used_its_budget_up_is_told_when_to_come_again(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_network="3/hour", budget_total="9999/hour") as process:
        attacker, before = network(), exhausted("network")
        for _ in range(3):
            await reserve(process, kind, "nonsense", attacker)
        refused = await reserve(process, kind, day(3), {**attacker, "Idempotency-Key": key()})
        other = await reserve(process, kind, day(3), network())

    assert (429, "budget-exhausted") == problem(refused)
    assert refused.headers["retry-after"] == str(refused.json()["retry_after_seconds"])
    assert 1 <= refused.json()["retry_after_seconds"] <= 3600
    assert "network" == refused.json()["budget"]
    assert 201 == other.status_code
    assert 1 == exhausted("network") - before
    assert '"event":"budget_exhausted"' in LOGGED.getvalue()
    assert "203.0.113" not in LOGGED.getvalue()


async def test_an_attacker_with_100_requests_leaves_the_page_bookable_and_few_rows(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    async with with_budgets(service) as process:
        attacker = network()
        answers = [
            await reserve(
                process, kind, day(3, 8, 5 * minute), {**attacker, "Idempotency-Key": key()}
            )
            for minute in range(12)
            for _ in range(9)
        ]
        booked = await reserve(process, kind, day(4), network(), attendee=vera())
        page = await process.call("GET", "/page", headers=anna.headers)
    held = await service.booking.rows("SELECT 1 FROM bookings WHERE organizer_id = %s", anna.id)

    assert 201 == booked.status_code
    assert 7 >= len(held)
    assert sum(each.status_code == 429 for each in answers) >= 40
    assert page.json()["visitors_refused_until"] is None


async def test_the_factor_multiplies_every_budget(
    service: BookingService, kind: dict[str, Any]
) -> None:
    sizes = {"budget_network": "4/hour", "budget_total": "99/hour"}
    async with with_budgets(service, **sizes, budget_factor=0.5) as process:
        here = network()
        answers = [await reserve(process, kind, "nonsense", here) for _ in range(3)]

    assert [422, 422, 429] == [each.status_code for each in answers]


async def test_all_visitors_together_have_a_budget_which_leaves_the_organizer_alone(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_total="3/second") as process:
        answers = [await reserve(process, kind, "nonsense", network()) for _ in range(20)]
        mine = await reserve(process, kind, day(3), anna.headers, attendee=vera())

    assert "total" in {each.json().get("budget") for each in answers}
    assert 201 == mine.status_code


async def test_a_lying_header_from_elsewhere_changes_nothing(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(
        service, trusted_proxies="10.0.0.0/8", budget_network="2/hour", budget_total="9999/hour"
    ) as process:
        answers = [await reserve(process, kind, "nonsense", network()) for _ in range(3)]

    assert [422, 422, 429] == [each.status_code for each in answers]


async def test_two_processes_share_a_budget_within_half_a_second(
    service: BookingService, kind: dict[str, Any]
) -> None:
    sizes = {"budget_network": "4/hour", "budget_total": "9999/hour"}
    async with with_budgets(service, **sizes) as one, with_budgets(service, **sizes) as other:
        attacker = network()
        for process in (one, other, one, other):
            assert 422 == (await reserve(process, kind, "nonsense", attacker)).status_code
        await asyncio.sleep(0.5)
        both = [await reserve(process, kind, day(3), attacker) for process in (one, other)]
        stranger = network()
        for _ in range(4):
            await reserve(one, kind, "nonsense", stranger)
        await asyncio.sleep(0.5)
        first_here = await reserve(other, kind, "nonsense", stranger)

    assert [429, 429] == [each.status_code for each in both]
    assert 429 == first_here.status_code


async def test_the_counts_in_the_database_name_nobody(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(service) as process:
        await reserve(process, kind, day(5), {"X-Forwarded-For": "192.0.2.77"}, attendee=vera())

        async def written() -> bool:
            return bool(await service.booking.rows("SELECT 1 FROM budget_counts"))

        await eventually(written, "counts in the database")
    rows = await service.booking.rows("SELECT key, used FROM budget_counts")
    found = b"".join(row["key"] for row in rows)

    assert {16} == {len(row["key"]) for row in rows}
    assert b"192.0.2" not in found
    assert b"vera" not in found


async def test_while_nothing_can_be_counted_visitors_are_refused_and_the_organizer_goes_on(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_grace_seconds=1) as process:

        async def counting() -> bool:
            return (await reserve(process, kind, day(3), network())).status_code == 201

        await eventually(counting, "the first counts")
        await run(service, "ALTER TABLE budget_counts RENAME TO away")
        try:
            began = time.monotonic()
            within = await reserve(process, kind, day(4), network())

            async def refused() -> httpx.Response | None:
                answer = await reserve(process, kind, day(5), network())
                return answer if answer.status_code == 503 else None

            behind = await eventually(refused, "a refusal")
            seconds = time.monotonic() - began
            mine = await reserve(process, kind, day(6), anna.headers, attendee=vera())
            seen = await process.call("GET", f"/public/meeting-types/{kind['id']}")
        finally:
            await run(service, "ALTER TABLE away RENAME TO budget_counts")

        async def taken() -> bool:
            return (await reserve(process, kind, day(7), network())).status_code == 201

        await eventually(taken, "visitors let in again")

    assert 201 == within.status_code
    assert (503, "unavailable") == problem(behind)
    assert "retry-after" in behind.headers
    assert seconds < 4
    assert 201 == mine.status_code
    assert 200 == seen.status_code


async def test_no_budget_refuses_the_organizer_nor_counts_what_they_do(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    sizes = {"budget_network": "2/hour", "budget_organizer": "9/hour", "budget_total": "9/hour"}
    async with with_budgets(service, **sizes) as process:
        here = network()
        for _ in range(3):
            visitors = await reserve(process, kind, "nonsense", here)
        mine = [
            await reserve(process, kind, day(3, hour), {**anna.headers, **here}, attendee=vera())
            for hour in range(8, 20)
        ]
        other = await reserve(process, kind, day(4), network())

    assert 429 == visitors.status_code
    assert {201} == {each.status_code for each in mine}
    assert 201 == other.status_code


async def test_the_organizer_sees_until_when_their_visitors_are_refused(
    service: BookingService, anna: Organizer, kind: dict[str, Any]
) -> None:
    sizes = {"budget_network": "1/hour", "budget_organizer": "4/hour", "budget_total": "9999/hour"}
    async with with_budgets(service, **sizes) as process:
        for hour in range(8, 12):
            assert 201 == (await reserve(process, kind, day(3, hour), network())).status_code
        refused = await reserve(process, kind, day(4), network())
        seen = (await process.call("GET", "/page", headers=anna.headers)).json()

    assert "organizer" == refused.json()["budget"]
    assert seen["visitors_refused_until"] is not None


@pytest.mark.parametrize("sent", ["Bearer nonsense", "Basic dmVyYTp2ZXJh"])
async def test_a_wrong_sign_in_is_no_way_past_a_budget(
    service: BookingService, kind: dict[str, Any], sent: str
) -> None:
    async with with_budgets(service, budget_network="1/hour", budget_total="9/hour") as process:
        wrong = {**network(), "Authorization": sent}
        answers = [await reserve(process, kind, day(3), wrong) for _ in range(2)]

    assert [401, 429] == [each.status_code for each in answers]


async def test_a_mail_address_has_a_budget_whatever_the_network(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_address="2/hour") as process:
        asked = {"email": "victim@visitors.example"}
        first = await process.call("POST", "/me/requests", asked, network())
        second = await reserve(
            process, kind, day(3), network(), attendee=vera(email="Victim@visitors.example")
        )
        third = await process.call("POST", "/me/requests", asked, network())
        another = await process.call(
            "POST", "/me/requests", {"email": "other@visitors.example"}, network()
        )

    assert [202, 201, 429, 202] == [each.status_code for each in (first, second, third, another)]
    assert "address" == third.json()["budget"]


async def test_a_link_has_a_budget_of_its_own(service: BookingService, anna: Organizer) -> None:
    private = await anna.meeting_type(visibility="private")
    links = [await anna.link(private, max_uses=None) for _ in range(2)]
    async with with_budgets(service, budget_link="1/hour") as process:
        answers = [
            await reserve(
                process, private, day(3, hour), {**network(), "X-Link-Token": link["token"]}
            )
            for hour, link in ((8, links[0]), (9, links[0]), (10, links[1]))
        ]

    assert [201, 429, 201] == [each.status_code for each in answers]


async def test_a_visitor_holds_a_few_times_at_once_and_what_ends_is_given_back(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_visitor_holds="2/10 minutes") as process:
        visitor = network()
        held = [(await reserve(process, kind, day(3, hour), visitor)).json() for hour in (8, 9)]
        third = await reserve(process, kind, day(3, 10), visitor)
        token = {"X-Manage-Token": held[0]["manage_token"], **visitor}
        for _ in range(3):  # a release gives back what was held, once
            await process.call("POST", f"/bookings/{held[0]['id']}/release", None, token)
        fourth = await reserve(process, kind, day(3, 10), visitor)
        fifth = await reserve(process, kind, day(3, 11), visitor)
        token = {"X-Manage-Token": held[1]["manage_token"], **visitor}
        for _ in range(3):
            confirmed = await process.call(
                "POST", f"/bookings/{held[1]['id']}/confirm", {"attendee": vera()}, token
            )
        sixth = await reserve(process, kind, day(3, 11), visitor)
        seventh = await reserve(process, kind, day(3, 12), visitor)

    assert 200 == confirmed.status_code
    assert [429, 201, 429, 201, 429] == [
        each.status_code for each in (third, fourth, fifth, sixth, seventh)
    ]
    assert "visitor_holds" == third.json()["budget"]


async def test_browsers_of_one_network_are_told_apart_and_hold_as_many_as_the_network_may(
    service: BookingService, kind: dict[str, Any], free_times: FreeTimesServer
) -> None:
    times, another = [day(3, hour) for hour in (8, 9, 10, 11)], day(3, 12)
    offer(free_times, *times, another)
    sizes = {"budget_visitor_holds": "1/10 minutes", "budget_network_holds": "3/10 minutes"}
    async with with_budgets(service, **sizes) as process:
        here, pages = network(), []
        for start in times:
            async with browsing(process) as browser:
                browser.headers.update(here)
                visitor = Visitor(browser)
                pages.append(await hold(visitor, kind, start))
                if start == times[0]:  # another time in its place is no second hold
                    pages.append(await hold(visitor, kind, another))

    assert [200, 200, 200, 429, 429] == [page.status_code for page in pages]


async def test_nothing_of_a_refused_request_is_kept_under_its_key(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with with_budgets(service, budget_network="1/hour", budget_total="99/hour") as process:
        attacker = network()
        before = await service.booking.rows("SELECT count(*) AS n FROM idempotency_keys")
        for _ in range(10):
            await reserve(process, kind, day(3), {**attacker, "Idempotency-Key": key()})
        after = await service.booking.rows("SELECT count(*) AS n FROM idempotency_keys")

    assert 1 == after[0]["n"] - before[0]["n"]


async def test_an_exhausted_budget_is_a_page_for_people(
    service: BookingService, kind: dict[str, Any]
) -> None:
    async with (
        with_budgets(service, budget_network="1/hour", budget_total="99/hour") as process,
        browsing(process) as browser,
    ):
        browser.headers.update({**network(), "Accept": "text/html"})
        path = kind["url"].removeprefix(service.settings.public_url)
        await browser.post(path, data={"start": day(3)})
        page = await browser.post(path, data={"start": day(3)})

    assert 429 == page.status_code
    assert "retry-after" in page.headers
    assert "A lot was asked for in a short while" in page.text
