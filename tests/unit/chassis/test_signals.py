"""Waiting for a signal: woken, timed out, or cancelled, never deaf to any of them."""

import asyncio

import pytest

from services.chassis.postgres.signals import wait_for


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
