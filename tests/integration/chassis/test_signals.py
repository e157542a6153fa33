"""Signals between processes: a wait is woken by what it waits for, and by nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from uuid import uuid4

from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import MOST_KEYS, Signals

CHANNEL = "verdicts"


@asynccontextmanager
async def running(database: Database) -> AsyncIterator[Signals]:
    """Signals of one process, connected."""
    signals = Signals(database, (CHANNEL,))
    task = asyncio.create_task(signals.run())
    try:
        with signals.listening(CHANNEL, "connected") as connected:
            async with asyncio.timeout(10):
                while not connected.is_set():
                    await database_notify(database)
        yield signals
    finally:
        task.cancel()


async def database_notify(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(b"SELECT pg_notify('verdicts', '[\"connected\"]')")


async def settled(sender: Signals, *others: Signals) -> None:
    """Wait until what was sent before has arrived: a signal behind it, from the same sender."""
    with ExitStack() as stack:
        last = str(uuid4())
        arrived = [stack.enter_context(each.listening(CHANNEL, last)) for each in others]
        sender.wake(CHANNEL, [last])
        async with asyncio.timeout(10):
            for each in arrived:
                await each.wait()


async def test_of_fifty_waits_in_each_of_two_processes_one_verdict_wakes_one(
    database: Database,
) -> None:
    bookings = [str(uuid4()) for _ in range(50)]
    async with running(database) as here, running(database) as there:
        with ExitStack() as stack:
            waits = [
                {key: stack.enter_context(process.listening(CHANNEL, key)) for key in bookings}
                for process in (here, there)
            ]
            here.wake(CHANNEL, [bookings[17]])
            await settled(here, there)

            woken = [[key for key, event in wait.items() if event.is_set()] for wait in waits]

    assert woken == [[bookings[17]], [bookings[17]]]


async def test_a_signal_that_comes_back_to_its_sender_wakes_nobody_a_second_time(
    database: Database,
) -> None:
    async with running(database) as here, running(database) as there:
        with here.listening(CHANNEL, "one") as near, here.listening(CHANNEL, "answer") as answered:
            here.wake(CHANNEL, ["one"])
            near.clear()
            await settled(here, there)
            # What the other sends behind that has arrived, so the echo would have.
            there.wake(CHANNEL, ["answer"])
            async with asyncio.timeout(10):
                await answered.wait()

            assert not near.is_set()


async def test_who_waits_for_the_whole_channel_is_woken_by_each_key_in_both_processes(
    database: Database,
) -> None:
    async with running(database) as here, running(database) as there:
        with here.listening(CHANNEL) as near, there.listening(CHANNEL) as far:
            here.wake(CHANNEL, ["one"])
            async with asyncio.timeout(10):
                await near.wait()
                await far.wait()


async def test_a_signal_without_keys_or_with_very_many_wakes_every_wait_in_both_processes(
    database: Database,
) -> None:
    many = [str(number) for number in range(MOST_KEYS + 1)]
    async with running(database) as here, running(database) as there:
        for keys in (None, many):
            with (
                here.listening(CHANNEL, "0") as near,
                there.listening(CHANNEL, "0") as far,
                there.listening(CHANNEL, "named by nobody") as other,
            ):
                here.wake(CHANNEL, keys)
                async with asyncio.timeout(10):
                    for event in (near, far, other):
                        await event.wait()


async def test_more_keys_than_one_notification_carries_all_arrive_and_no_other(
    database: Database,
) -> None:
    named = [str(uuid4()) for _ in range(900)]
    async with running(database) as here, running(database) as there:
        with ExitStack() as stack:
            events = {key: stack.enter_context(there.listening(CHANNEL, key)) for key in named}
            other = stack.enter_context(there.listening(CHANNEL, str(uuid4())))
            here.wake(CHANNEL, named[:450])
            here.wake(CHANNEL, named[450:])
            async with asyncio.timeout(10):
                for event in events.values():
                    await event.wait()
            await settled(here, there)

            assert not other.is_set()
