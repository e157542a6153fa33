"""Waiting for what another service says: a verdict on a slot, a decision about a page."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from services.chassis.postgres.signals import Signals, wait_for

T = TypeVar("T")

# Signalled, with their subjects, when verdicts and decisions have been applied: see app.py.
ANSWERS = "answers"
POLL_SECONDS = 0.5


class Waiting:
    """Waits until a thing is settled, woken by its own signal only; the tables are the truth."""

    def __init__(self, signals: Signals, longest_seconds: float) -> None:
        self._signals = signals
        self._longest_seconds = longest_seconds

    async def until(
        self,
        about: UUID,
        look: Callable[[], Awaitable[T]],
        is_settled: Callable[[T], bool],
        *,
        wait: bool = True,
    ) -> T:
        """Return what `look` finds once it is settled, or after the longest wait.

        Without `wait` it looks once.
        """
        deadline = time.monotonic() + (self._longest_seconds if wait else 0)
        with self._signals.listening(ANSWERS, str(about)) as woken:
            while True:
                found = await look()
                left = deadline - time.monotonic()
                if is_settled(found) or left <= 0:
                    return found
                await wait_for(woken, min(left, POLL_SECONDS))
