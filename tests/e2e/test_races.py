"""Many at once: one winner, a clear answer for each of the others, and soon."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from tests.e2e.client import BOOKING, Organizer, StackClients, after, new_key

SOON_SECONDS = 2.0


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-21")


async def at_once(calls: list[Awaitable[httpx.Response]]) -> tuple[list[httpx.Response], float]:
    """Await all, and return the answers with the time that all but one in a hundred took."""

    async def timed(call: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
        began = time.monotonic()
        answer = await call
        return answer, time.monotonic() - began

    answered = await asyncio.gather(*(timed(call) for call in calls))
    times = sorted(seconds for _, seconds in answered)
    return [answer for answer, _ in answered], times[int(len(times) * 0.99) - 1]


async def bookings_of(organizer: Organizer, kind: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all bookings of a meeting type that are confirmed."""
    seen = await organizer.caller.get(f"{BOOKING}/bookings", status="confirmed", limit=200)
    return [each for each in seen.json()["items"] if each["meeting_type_id"] == kind["id"]]


async def test_of_200_requests_for_one_slot_one_is_booked_and_199_get_other_free_times(
    clients: StackClients, organizer: Organizer
) -> None:
    kind, start = await organizer.meeting_type(), after(3, 9)

    async with clients.separate_visitors(200) as visitors:
        answers, p99 = await at_once(
            [
                each.book(kind["id"], start, f"racer-{n}@example.test")
                for n, each in enumerate(visitors)
            ]
        )
    lost = [each for each in answers if each.status_code == 409]
    problems = [each.json() for each in lost]

    assert Counter(each.status_code for each in answers) == {201: 1, 409: 199}
    assert {each["type"] for each in problems} == {"/problems/slot-taken"}
    assert all(each["alternatives"] for each in problems)
    assert [each["start"] for each in await bookings_of(organizer, kind)] == [start]
    assert p99 < SOON_SECONDS


async def test_of_50_requests_with_a_single_use_link_one_is_booked_whatever_times_they_ask_for(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"], max_uses=1)
    starts = (await clients.visitor(link["token"]).starts(kind["id"], after(5), after(7)))[:50]

    async with clients.separate_visitors(len(starts), link["token"]) as visitors:
        answers, p99 = await at_once(
            [
                each.book(kind["id"], start, f"guest-{n}@example.test")
                for n, (each, start) in enumerate(zip(visitors, starts, strict=True))
            ]
        )
    lost = {each.json()["type"] for each in answers if each.status_code != 201}

    assert Counter(each.status_code for each in answers)[201] == 1
    assert lost <= {"/problems/link-in-use", "/problems/link-dead"}
    assert len(await bookings_of(organizer, kind)) == 1
    assert p99 < SOON_SECONDS
    seen = await organizer.caller.get(f"{BOOKING}/links/{link['id']}")
    assert (seen.json()["state"], seen.json()["uses"]) == ("consumed", 1)


async def test_of_100_who_want_the_last_place_of_a_day_at_other_times_one_has_it(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(max_per_day=2, duration_minutes=5, increment_minutes=5)
    starts = (await clients.visitor().starts(kind["id"], after(9, 6), after(9, 21)))[:101]
    first = await clients.visitor().book(kind["id"], starts.pop(), "first@example.test")
    assert first.status_code == 201, first.text

    async with clients.separate_visitors(len(starts)) as visitors:
        answers, p99 = await at_once(
            [
                each.book(kind["id"], start, f"late-{n}@example.test")
                for n, (each, start) in enumerate(zip(visitors, starts, strict=True))
            ]
        )
    refused = [each.json() for each in answers if each.status_code == 409]

    assert Counter(each.status_code for each in answers) == {201: 1, 409: 99}
    assert {tuple(each["reasons"]) for each in refused} == {("max_per_day",)}
    assert len(await bookings_of(organizer, kind)) == 2
    assert p99 < SOON_SECONDS


async def test_an_approval_and_a_withdrawal_at_one_moment_leave_no_meeting_that_one_of_them_denies(
    clients: StackClients, organizer: Organizer
) -> None:
    kind = await organizer.meeting_type(approval_required=True)
    visitor = clients.visitor()
    starts = (await visitor.starts(kind["id"], after(10, 6), after(10, 21)))[:12]
    asked = [
        (await visitor.book(kind["id"], start, f"asks-{n}@example.test")).json()
        for n, start in enumerate(starts)
    ]

    answers, _ = await at_once(
        [
            call
            for each in asked
            for call in (
                organizer.caller.send("POST", f"{BOOKING}/bookings/{each['id']}/approve"),
                visitor.change(each, "cancel"),
            )
        ]
    )
    seen = [await visitor.show(each) for each in asked]

    assert {each.status_code for each in answers} <= {200, 409}
    assert {each["status"] for each in seen} == {"cancelled"}
    # Approved before it was cancelled: the meeting is; or withdrawn: then the approval was refused.
    for approval, each in zip(answers[::2], seen, strict=True):
        assert (approval.status_code == 200) == (each["decline_reason"] is None)


async def test_a_request_on_a_connection_that_was_idle_for_seconds_is_answered(
    clients: StackClients,
) -> None:
    url = httpx.URL(clients.stack.url("booking"))

    def ask_twice() -> list[int]:
        connection = HTTPConnection(url.host, url.port)
        statuses = []
        for idle in (6, 0):  # as long as uvicorn would wait by itself, and a second
            connection.request("GET", "/livez")
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
            time.sleep(idle)
        connection.close()
        return statuses

    assert [200, 200] == await asyncio.to_thread(ask_twice)


async def test_one_key_sent_20_times_at_once_makes_one_booking(
    clients: StackClients, organizer: Organizer
) -> None:
    kind, visitor, key = await organizer.meeting_type(), clients.visitor(), new_key()
    start = after(8, 9)

    async def insist() -> httpx.Response:
        while True:
            answer = await visitor.book(kind["id"], start, "eager@example.test", key)
            if answer.status_code != 409:
                return answer
            assert answer.json()["type"] == "/problems/request-in-progress"
            await asyncio.sleep(0.1)

    answers = await asyncio.gather(*(insist() for _ in range(20)))

    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["id"] for each in answers}) == 1
    assert len(await bookings_of(organizer, kind)) == 1


async def test_a_cancellation_and_a_move_at_once_are_both_answered_as_it_happened(
    clients: StackClients, organizer: Organizer
) -> None:
    kind, visitor = await organizer.meeting_type(), clients.visitor()
    for hour in range(5):
        booked = (await visitor.book(kind["id"], after(9, hour), "torn@example.test")).json()
        moved, cancelled = await asyncio.gather(
            visitor.change(booked, "reschedule", {"start": after(10, hour)}),
            visitor.change(booked, "cancel"),
        )
        seen = await visitor.show(booked)

        assert cancelled.status_code == 200, cancelled.text
        assert moved.status_code in (200, 409), moved.text
        assert seen["status"] == "cancelled"
    assert await bookings_of(organizer, kind) == []
    free = await visitor.starts(kind["id"], after(9), after(11))
    assert {after(day, hour) for day in (9, 10) for hour in range(5)} <= set(free)
