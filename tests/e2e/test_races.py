"""Requests at the same moment: each is answered as it happened."""

import asyncio
import time
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from tests.e2e.client import BOOKING, Organizer, StackClients, after, new_key


@pytest.fixture(scope="module")
async def organizer(clients: StackClients) -> Organizer:
    return await clients.organizer("organizer-21")


async def bookings_of(organizer: Organizer, kind: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all bookings of a meeting type that are confirmed."""
    seen = await organizer.caller.get(f"{BOOKING}/bookings", status="confirmed", limit=200)
    return [each for each in seen.json()["items"] if each["meeting_type_id"] == kind["id"]]


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

    answers = await asyncio.gather(
        *(
            call
            for each in asked
            for call in (
                organizer.caller.send("POST", f"{BOOKING}/bookings/{each['id']}/approve"),
                visitor.change(each, "cancel"),
            )
        )
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
