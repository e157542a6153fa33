"""Work in a transaction that is done again when another transaction was faster.

Lost races are treated alike: requests, consumers and timers all run their transactions in it.
Whoever lost one over a stream waits for a turn there: of hundreds that want to change the same
stream only one gets on at a time, and what the others load and decide meanwhile is for nothing.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TypeVar
from weakref import WeakValueDictionary

from services.chassis.postgres.database import Connection, Database
from services.chassis.postgres.faults import DATABASE_RACES, RacesLost, VersionConflict
from services.chassis.runtime import telemetry

T = TypeVar("T")

# Whichever comes first: a slow database must not keep a process from being stopped.
ATTEMPTS = 200
LONGEST_SECONDS = 5.0
# The first rounds go on at once: most conflicts are between two requests. Many are spread out.
AT_ONCE = 3
LONGEST_PAUSE_SECONDS = 0.02
# So many at once, of this process: most load together, to be refused by what they have loaded.
TURNS = 16

_turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()


async def run_with_retries(database: Database, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Run the work in a transaction; when another one was faster, load and decide again."""

    async def attempt() -> T:
        async with database.transaction() as connection:
            return await work(connection)

    return await with_retries(attempt)


async def with_retries(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what an attempt returns; when another transaction was faster, attempt it again.

    Each conflict means that another transaction went on, so the number of rounds is bounded by the
    number of concurrent ones.

    Raises:
        RacesLost: 200 rounds or 5 seconds have passed, with conflicts or deadlocks to their end.
    """
    attempts, ends_at = 0, time.monotonic() + LONGEST_SECONDS
    turn: AbstractAsyncContextManager[None] = nullcontext()
    while True:
        attempts += 1
        try:
            async with turn:
                return await attempt()
        except RacesLost:  # an attempt that has rounds of its own
            raise
        except (VersionConflict, *DATABASE_RACES) as conflict:
            telemetry.APPEND_RETRIES.inc()
            if attempts == ATTEMPTS or time.monotonic() > ends_at:
                raise RacesLost(str(conflict)) from conflict
            turn = _turn(conflict)
        if attempts > AT_ONCE:
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))  # noqa: S311 -- no secret


def _turn(conflict: Exception) -> AbstractAsyncContextManager[None]:
    """Return what lets those that lost a race over the same stream on, a few at a time."""
    if not isinstance(conflict, VersionConflict):
        return nullcontext()
    return _turns.setdefault(str(conflict), asyncio.Semaphore(TURNS))
