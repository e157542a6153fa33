"""Equal questions at the same time share a read that begins after they were asked."""

import asyncio
from contextlib import suppress

import pytest

from services.chassis.runtime.shared_reads import SharedReads


class World:
    """Something that changes while it is read: a read gives what was there when it began."""

    def __init__(self) -> None:
        self.state = 0
        self.reads: list[str] = []
        self.may_end = asyncio.Event()

    async def read(self, question: str) -> int:
        self.reads.append(question)
        seen = self.state
        await self.may_end.wait()
        if question == "broken":
            raise LookupError(question)
        return seen


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_equal_questions_at_once_are_one_read_and_others_are_their_own() -> None:
    world = World()
    shared = SharedReads(world.read)
    world.may_end.set()

    found = await asyncio.gather(*(shared.of(each) for each in ("a", "a", "b", "a")))

    assert [0] * 4 == found
    assert ["a", "b"] == sorted(world.reads)


async def test_who_asks_during_a_read_gets_a_later_one_that_sees_what_has_changed_since() -> None:
    world = World()
    shared = SharedReads(world.read)
    first = asyncio.create_task(shared.of("a"))
    await turns()
    world.state = 1
    later = [asyncio.create_task(shared.of("a")) for _ in range(3)]
    await turns()
    one_by_one = list(world.reads)
    world.may_end.set()

    assert [0, 1, 1, 1] == [await first, *(await asyncio.gather(*later))]
    assert (["a"], ["a", "a"]) == (one_by_one, world.reads)


async def test_an_error_is_raised_to_all_who_asked_and_the_next_question_is_read_anew() -> None:
    world = World()
    shared = SharedReads(world.read)
    world.may_end.set()

    found = await asyncio.gather(*(shared.of("broken") for _ in range(3)), return_exceptions=True)
    with pytest.raises(LookupError):
        await shared.of("broken")

    assert all(isinstance(each, LookupError) for each in found)
    assert 2 == len(world.reads)


async def test_one_who_leaves_ends_nobody_elses_read() -> None:
    world = World()
    shared = SharedReads(world.read)
    leaving, staying = (asyncio.create_task(shared.of("a")) for _ in range(2))
    await turns()
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    world.may_end.set()

    assert 0 == await staying
    assert ["a"] == world.reads


async def test_nothing_is_kept_of_questions_that_are_answered() -> None:
    world = World()
    shared = SharedReads(world.read)
    world.may_end.set()
    for number in range(100):
        await shared.of(str(number))

    assert not shared._reading
    assert not shared._next
