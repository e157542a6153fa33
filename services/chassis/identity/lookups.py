"""Questions to the provider about tokens: one for each token, few at once, fewer that it refuses.

A token that was accepted before is asked about again in any case. Of those that are not known, as
many may be refused as the budget holds: behind that, wrong tokens no longer reach the provider.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

AT_ONCE = 20
# At least as many as are asked about at once: without refusals, nobody is turned away.
REFUSALS = 20
REFUSALS_PER_SECOND = 2.0

Claims = dict[str, Any]
Question = Callable[[], Awaitable[Claims | None]]


class TooManyRefused(Exception):
    """So many unknown tokens were refused that the provider is not asked for now."""


class Lookups:
    """What is being asked, and the budget of refusals."""

    def __init__(self) -> None:
        self._asking: dict[str, asyncio.Task[Claims | None]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._budget = float(REFUSALS)
        self._filled_at = time.monotonic()

    async def ask(self, digest: str, question: Question, *, accepted_before: bool) -> Claims | None:
        """Return the answer; requests with the same token share one question.

        Raises:
            TooManyRefused: the token is not known, and the budget is used up.
        """
        task = self._asking.get(digest)
        if task is None:
            # A task of its own: who sent the token first may go away before the answer.
            task = asyncio.create_task(self._ask(question, accepted_before=accepted_before))
            self._asking[digest] = task
            task.add_done_callback(lambda done: self._forget(digest, done))
        return await asyncio.shield(task)

    async def _ask(self, question: Question, *, accepted_before: bool) -> Claims | None:
        async with self._places:
            if accepted_before:
                return await question()
            self._take()
            answer: Claims | None = {}
            try:
                answer = await question()
                return answer
            finally:
                if answer is not None:  # also when the provider did not answer
                    self._budget += 1

    def _take(self) -> None:
        now = time.monotonic()
        refill = (now - self._filled_at) * REFUSALS_PER_SECOND
        self._budget, self._filled_at = min(self._budget + refill, float(REFUSALS)), now
        if self._budget < 1:
            raise TooManyRefused
        self._budget -= 1

    def _forget(self, digest: str, done: "asyncio.Task[Claims | None]") -> None:
        del self._asking[digest]
        if not done.cancelled():
            done.exception()  # taken, also when nobody waits for it any more
