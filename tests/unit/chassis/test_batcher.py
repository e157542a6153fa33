"""Work on values that come at the same time is done together, and each gets its own result."""

import asyncio
from collections.abc import Sequence

import pytest

from services.chassis.postgres.batcher import Batcher


class Work:
    """Doubles numbers, and notes which came together; 0 is refused, and it can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.going_on = asyncio.Event()
        self.going_on.set()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.going_on.wait()
        return [2 * number or ValueError("nothing") for number in numbers]


async def test_a_value_that_comes_alone_is_worked_on_at_once() -> None:
    work = Work()

    assert 6 == await Batcher(work).of(3)
    assert [[3]] == work.batches


async def test_what_comes_meanwhile_is_worked_on_together() -> None:
    work = Work()
    batcher = Batcher(work, workers=1)
    work.going_on.clear()
    first = asyncio.create_task(batcher.of(1))
    await asyncio.sleep(0)
    others = [asyncio.create_task(batcher.of(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    work.going_on.set()

    assert [2, 4, 6, 8] == [await each for each in (first, *others)]
    assert [[1], [2, 3, 4]] == work.batches


async def test_a_batch_has_a_limit() -> None:
    work = Work()
    batcher = Batcher(work, workers=1, most=2)

    assert [2, 4, 6, 8, 10] == await asyncio.gather(*map(batcher.of, range(1, 6)))
    assert [[1, 2], [3, 4], [5]] == work.batches


async def test_a_batch_that_waits_leaves_another_worker() -> None:
    work = Work()
    batcher = Batcher(work, workers=2)
    work.going_on.clear()
    held_up = asyncio.create_task(batcher.of(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    also = asyncio.create_task(batcher.of(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.going_on.set()
    await asyncio.gather(held_up, also)

    assert [[1], [2]] == work.batches


async def test_a_refusal_is_raised_to_whoever_gave_the_value() -> None:
    batcher = Batcher(Work(), workers=1)
    outcomes = await asyncio.gather(*map(batcher.of, (1, 0, 2)), return_exceptions=True)

    assert [2, "nothing", 4] == [
        str(each) if isinstance(each, ValueError) else each for each in outcomes
    ]


async def test_a_fault_of_the_work_is_raised_to_all_and_the_next_ones_go_on() -> None:
    calls = 0

    async def work(numbers: Sequence[int]) -> Sequence[int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError
        return numbers

    batcher: Batcher[int, int] = Batcher(work)
    for number in (1, 2):
        if number == 1:
            with pytest.raises(ConnectionError):
                await batcher.of(number)
        else:
            assert 2 == await batcher.of(number)


async def test_who_stops_waiting_holds_up_nobody() -> None:
    work = Work()
    batcher = Batcher(work, workers=1)
    work.going_on.clear()
    gone, stays = asyncio.create_task(batcher.of(1)), asyncio.create_task(batcher.of(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    work.going_on.set()

    assert 4 == await stays
    assert gone.cancelled()


async def test_a_value_that_comes_just_when_all_batches_end_is_worked_on_too() -> None:
    may_end = asyncio.Event()

    async def work(values: Sequence[int]) -> Sequence[int]:
        await may_end.wait()
        return values

    batcher: Batcher[int, int] = Batcher(work, workers=2)

    async def asks_again() -> int:
        await batcher.of(1)
        return await batcher.of(2)

    first = asyncio.create_task(asks_again())
    await asyncio.sleep(0)
    second = asyncio.create_task(batcher.of(3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    may_end.set()  # both batches end in the same turn of the loop
    async with asyncio.timeout(5):
        assert [2, 3] == [await first, await second]
