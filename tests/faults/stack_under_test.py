"""A stack that tests break: crash points, killed and stopped processes, and its evidence."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.stack import LocalStack
from tests.checker.check import check
from tests.checker.collect import Collector
from tests.checker.evidence import Evidence, Fault, Poison, SentCommand, Violation
from tests.checker.idle import wait_until_idle
from tests.e2e.client import instant

HIT_SECONDS = 45.0


@dataclass(slots=True)
class StackUnderTest:
    """A stack with what was done to it, and every command that was sent to it, so far."""

    stack: LocalStack
    crash_file: Path
    collector: Collector
    asked: list[SentCommand] = field(default_factory=list)
    poisons: list[Poison] = field(default_factory=list)

    def note_booked(
        self, organizer_id: str, email: str, start: str, booking_id: str, key: str
    ) -> None:
        """Note a booking that was asked for and acknowledged."""
        self.asked.append(
            SentCommand(
                key=key,
                kind="book",
                outcome="ok",
                organizer_id=organizer_id,
                email=email,
                start=instant(start),
                booking_id=booking_id,
            )
        )

    def arm(self, service: str, point: str, passes: int = 1) -> None:
        """Let the service kill itself when it reaches the point the n-th time from now."""
        file = self._file(service)
        Path(f"{file}.hit").unlink(missing_ok=True)
        unfinished = file.with_suffix(".new")
        unfinished.write_text(f"{point} {passes}")
        unfinished.rename(file)

    def disarm(self, service: str) -> None:
        """Remove a crash point that was not reached."""
        self._file(service).unlink(missing_ok=True)

    def was_hit(self, service: str) -> bool:
        """Return whether the service was killed at the point."""
        return Path(f"{self._file(service)}.hit").exists()

    async def until_hit(self, service: str, seconds: float = HIT_SECONDS) -> bool:
        """Wait until the service was killed at the point; False when it was not in time."""
        deadline = time.monotonic() + seconds
        while not self.was_hit(service):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    def restarts(self, part: str) -> int:
        """Return how often a part was started again."""
        return self.stack.parts()[part].restarts

    async def until_restarted(self, part: str, before: int, seconds: float = 30.0) -> bool:
        """Wait until a part runs again that was started so often before; False if it does not."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.stack.parts()[part]
            if found.restarts > before and found.state == "running":
                return True
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def stopped(self, *parts: str) -> AsyncIterator[None]:
        """Kill the parts and keep them down inside the block."""
        before = {part: self.restarts(part) for part in parts}
        for part in parts:
            self.stack.hold(part)
        try:
            yield
        finally:
            for part in parts:
                self.stack.release(part)
            for part, count in before.items():
                assert await self.until_restarted(part, count), f"{part} has not come back"

    async def violations(self, faults: Iterable[Fault]) -> list[Violation]:
        """Wait until the stack is idle, read everything, and return what is broken."""
        return check(await self.evidence(faults))

    async def evidence(self, faults: Iterable[Fault]) -> Evidence:
        """Wait until the stack is idle and read everything."""
        idle = await wait_until_idle(self.stack)
        return await self.collector.evidence(self.asked, idle, faults, self.poisons)

    def _file(self, service: str) -> Path:
        return Path(f"{self.crash_file}.{service}")


def words(violations: Iterable[Violation]) -> str:
    """Return the violations for a person to read."""
    found = list(violations)
    counted = Counter(each.guarantee for each in found)
    return "\n".join([f"\n{dict(counted)}", *map(str, found[:20])])
