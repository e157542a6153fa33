"""Hundreds of clients at one moment: a connection of its own for each, requests written ahead."""

import asyncio
import os
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.load import Answer, connect, post
from tests.e2e.client import BOOKING, new_key, person

# `make races` takes 500, on a machine that does nothing else.
CLIENTS = int(os.environ.get("BOOKWITH_RACE_CLIENTS") or 200)
SOON_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Race:
    """What came of it: the answers in the order of the requests, and how long each took."""

    answers: Sequence[Answer]
    seconds: Sequence[float]

    @property
    def statuses(self) -> Counter[int]:
        """Return how often each status was answered."""
        return Counter(each.status for each in self.answers)

    @property
    def problems(self) -> set[str]:
        """Return the types of the problems that were answered."""
        return {
            each.json()["type"].removeprefix("/problems/")
            for each in self.answers
            if each.status >= 400
        }

    @property
    def p99(self) -> float:
        """Return the time that all but one in a hundred took."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99) - 1]

    @property
    def median(self) -> float:
        """Return the time that half of them took."""
        return statistics.median(self.seconds)


async def race(url: str, requests: Sequence[bytes]) -> Race:
    """Send all requests at one moment."""
    async with AsyncExitStack() as opened:
        connections = []
        for _ in requests:
            connection = await connect(url)
            opened.callback(connection.close)
            connections.append(connection)

        async def timed(number: int) -> tuple[Answer, float]:
            began = time.perf_counter()
            answer = await connections[number].ask(requests[number])
            return answer, time.perf_counter() - began

        timings = await asyncio.gather(*map(timed, range(len(requests))))
    return Race([each for each, _ in timings], [seconds for _, seconds in timings])


async def alone(url: str, requests: Sequence[bytes]) -> Race:
    """Send the requests one after the other: what each costs without the others."""
    each = [await race(url, [request]) for request in requests]
    return Race([one.answers[0] for one in each], [one.seconds[0] for one in each])


def booking(type_id: str, start: str, number: int, link_token: str = "") -> bytes:
    """Return the request of one of many to hold and confirm a time in one call."""
    body = {
        "meeting_type_id": type_id,
        "start": start,
        "attendee": person(f"racer-{number}@example.test"),
    }
    shown = {"X-Link-Token": link_token} if link_token else {}
    return post(f"{BOOKING}/bookings", body, {"Idempotency-Key": new_key(), **shown})


def of_attendee(booked: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> bytes:
    """Return a command on a booking by its manage token."""
    headers = {"Idempotency-Key": new_key(), "X-Manage-Token": booked["manage_token"]}
    return post(f"{BOOKING}/bookings/{booked['id']}/{verb}", body or {}, headers)
