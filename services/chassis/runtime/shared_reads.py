"""Equal questions that come at the same time, read once: what many people look at together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Q = TypeVar("Q", bound=Hashable)
R = TypeVar("R")


class SharedReads(Generic[Q, R]):
    """Answers each question with a read that begins after it was asked, never before.

    Whoever asks while a read of the same is under way shares the next one with all others who do:
    the one under way may have seen an older state.
    """

    def __init__(self, read: Callable[[Q], Awaitable[R]]) -> None:
        self._read = read
        self._reading: dict[Q, asyncio.Task[R]] = {}
        self._next: dict[Q, asyncio.Task[R]] = {}

    async def of(self, question: Q) -> R:
        """Return what the read gives, or raise its error; who leaves does not end it.

        The read counts for, and is logged with, the request that asked first.
        """
        task = self._next.get(question)
        if task is None:
            work = self._answer(question, behind=self._reading.get(question))
            task = self._next[question] = asyncio.create_task(work)
            task.add_done_callback(_looked_at)
        return await asyncio.shield(task)

    async def _answer(self, question: Q, behind: asyncio.Task[R] | None) -> R:
        if behind is not None:
            await asyncio.wait([behind])
        self._reading[question] = task = self._next.pop(question)
        try:
            return await self._read(question)
        finally:
            if self._reading[question] is task:
                del self._reading[question]


def _looked_at(task: asyncio.Task[R]) -> None:
    """Take the error of a read whose askers have all gone."""
    if not task.cancelled():
        task.exception()
