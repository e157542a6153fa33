"""What availability offers, when it answers, when it is slow, when it says something else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from services.booking import free_times
from services.booking.free_times import FreeTimesClient, Opening

TYPE = Opening(meeting_type_id=UUID(int=1))
TEN = datetime(2026, 12, 3, 10, tzinfo=UTC)
SLOTS = [
    {"start": f"2026-12-0{day}T10:00:00Z", "end": f"2026-12-0{day}T10:30:00Z"}
    for day in range(1, 8)
]


class _Trickle(httpx.AsyncByteStream):
    """A body that never ends: each piece comes well within a read's own time."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)


def asking(answer: httpx.Response) -> FreeTimesClient:
    transport = httpx.MockTransport(lambda _: answer)
    return FreeTimesClient("http://availability", httpx.AsyncClient(transport=transport))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(200, text="<h1>Maintenance</h1>"),
        httpx.Response(200, json={"unexpected": []}),
        httpx.Response(200, stream=_Trickle()),
    ],
    ids=["away", "no JSON", "another document", "endless"],
)
async def test_free_times_are_unknown_when_availability_gives_no_usable_answer_in_time(
    answer: httpx.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_times, "DEADLINE_SECONDS", 0.2)

    found = await asking(answer).between(TYPE, "2026-12-01", "2026-12-02")

    assert not found.known
    assert found.slots == ()


async def test_the_nearest_times_come_earliest_first() -> None:
    found = await asking(httpx.Response(200, json={"slots": SLOTS})).nearest(TYPE, TEN)

    assert [f"{slot.start:%Y-%m-%d}" for slot in found] == [
        f"2026-12-0{day}" for day in range(1, 6)
    ]


async def test_equal_requests_at_once_share_one_answer_and_later_ones_get_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_times, "SHARED_SECONDS", 0.05)
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"slots": SLOTS})

    client = FreeTimesClient("", httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    found = [*await asyncio.gather(*(client.nearest(TYPE, TEN) for _ in range(20)))]
    found.append(await client.nearest(TYPE, TEN))
    once = len(asked)
    await client.nearest(replace(TYPE, link_token="another"), TEN)
    other = len(asked)
    await asyncio.sleep(0.1)
    await client.nearest(TYPE, TEN)

    assert [1, 2, 3] == [once, other, len(asked)]
    assert all(each == found[0] for each in found)
