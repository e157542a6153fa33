"""Waiting for what another service says: a verdict on a slot, a decision about a page."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from contracts.availability import SlotAccepted
from services.chassis.messaging.batches import key_of_event
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

    @contextmanager
    def about(self, id_: UUID) -> Iterator["Answers"]:
        """Listen for the answers about a thing, from before it is asked about."""
        accepted = key_of_event(str(id_), SlotAccepted.TYPE)
        with (
            self._signals.listening(ANSWERS, str(id_)) as woken,
            self._signals.listening(ANSWERS, accepted) as heard_here,
        ):
            yield Answers(woken, heard_here, self._longest_seconds)


class Answers:
    """The answers about one thing, as they come."""

    def __init__(
        self, woken: asyncio.Event, accepted: asyncio.Event, longest_seconds: float
    ) -> None:
        self._woken = woken
        self._accepted = accepted
        self._longest_seconds = longest_seconds

    @property
    def accepted(self) -> bool:
        """Whether this process has committed that a time of the booking is accepted.

        Where another process consumes, it stays False and the tables say it.
        """
        return self._accepted.is_set()

    async def until(
        self, is_settled: Callable[[T], bool], look: Callable[[], Awaitable[T]], seen: T
    ) -> T:
        """Return what `look` finds once it is settled, or after the longest wait.

        `seen` is how the thing stood a moment ago: if it is settled, nothing is waited for.
        """
        deadline = time.monotonic() + self._longest_seconds
        while not is_settled(seen) and (left := deadline - time.monotonic()) > 0:
            await wait_for(self._woken, min(left, POLL_SECONDS))
            seen = await look()
        return seen
