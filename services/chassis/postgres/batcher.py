"""Work in the database on values that come at the same time, done in one round trip."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from services.chassis.postgres import patience
from services.chassis.postgres.round_trips import count_round_trip

V = TypeVar("V")
R = TypeVar("R")


class Batcher(Generic[V, R]):
    """Does together the work on all values that came while the work before was under way.

    For what requests wait for. A value that comes alone is worked on at once, so that nothing
    waits for a batch to fill. The work on a value begins after the value was given.
    """

    def __init__(
        self,
        work: Callable[[Sequence[V]], Awaitable[Sequence[R | Exception]]],
        *,
        most: int = 64,
        workers: int = 2,
    ) -> None:
        """`work` returns for each value its result, or what is raised to whoever gave it.

        Of `workers` batches at once, one that has to wait leaves the others.
        """
        self._work = work
        self._most = most
        self._workers = workers
        self._waiting: list[tuple[V, asyncio.Future[R]]] = []
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def of(self, value: V) -> R:
        """Return what the work makes of the value, or raise its error."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, result))
        count_round_trip()
        if self._running < self._workers:
            self._running += 1
            # In a context of its own: it is not the work of the request that happens to start it.
            task = asyncio.create_task(self._run(), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await result

    async def _run(self) -> None:
        try:
            await self._work_on_all()
        finally:
            # In the same turn as the last look at what waits: who comes next starts another one.
            self._running -= 1

    async def _work_on_all(self) -> None:
        while self._waiting:
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            try:
                with patience.for_a_request():
                    results = await self._work([value for value, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, result), made in zip(batch, results, strict=True):
                if result.done():  # whoever asked has gone
                    continue
                if isinstance(made, Exception):
                    result.set_exception(made)
                else:
                    result.set_result(made)
