"""Waiting for a signal: woken, timed out, or cancelled, never deaf to any of them."""

import asyncio

import pytest

from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import (
    LONGEST_PAYLOAD,
    Signals,
    payloads,
    read_payload,
    wait_for,
)


async def test_a_wake_up_ends_the_wait_and_is_used_up() -> None:
    event = asyncio.Event()
    event.set()
    await wait_for(event, 10)

    assert not event.is_set()


async def test_the_wait_ends_by_itself() -> None:
    await wait_for(asyncio.Event(), 0.01)


async def test_a_cancel_that_comes_together_with_the_wake_up_is_not_lost() -> None:
    event = asyncio.Event()

    async def loop() -> None:
        while True:
            await wait_for(event, 10)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    event.set()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(1):
            await task


@pytest.mark.parametrize(
    "keys",
    [["a"], ["møde", 'quoted " and \\', "\0"], [f"{number:036}" for number in range(1_000)]],
)
def test_the_keys_come_out_of_the_payloads_as_they_went_in(keys: list[str]) -> None:
    written = payloads(frozenset(keys), "@me")
    read = [read_payload(each) or frozenset() for each in written]

    assert all("@me" in each for each in read)
    assert frozenset(keys) == frozenset().union(*read) - {"@me"}
    assert all(len(each.encode()) <= LONGEST_PAYLOAD and "\0" not in each for each in written)


def test_keys_that_no_payload_holds_are_a_signal_to_everybody() -> None:
    assert payloads(frozenset(["x" * 8_000]), "@me") == payloads(None, "@me") == [""]
    assert read_payload("") is None


def test_a_wait_that_is_over_leaves_nothing_behind() -> None:
    signals = Signals(Database("postgresql://nobody@nowhere/nothing", size=2), ("verdicts",))
    with signals.listening("verdicts", "a") as event:
        signals.wake("verdicts", [])
        assert not event.is_set()
        signals.wake("verdicts", ["a"])
        assert event.is_set()

    assert signals._waiters["verdicts"]._events == {}
