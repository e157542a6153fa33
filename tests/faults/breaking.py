"""What the fault tests do to a stack: arm crash points, kill, hold down; each is counted."""

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
from tests.checker.evidence import Asked, Evidence, Fault, Poison, Violation
from tests.checker.quiet import until_quiet

HIT_SECONDS = 45.0


@dataclass(slots=True)
class Bench:
    """A stack that things are done to, with everything that was done and asked so far."""

    stack: LocalStack
    crash_file: Path
    collector: Collector
    asked: list[Asked] = field(default_factory=list)
    poisons: list[Poison] = field(default_factory=list)

    def arm(self, service: str, point: str, passes: int = 1) -> None:
        """Let the service die the next time, or the n-th time, that it reaches the point."""
        file = self._file(service)
        Path(f"{file}.hit").unlink(missing_ok=True)
        unfinished = file.with_suffix(".new")
        unfinished.write_text(f"{point} {passes}")
        unfinished.rename(file)

    def disarm(self, service: str) -> None:
        """Take a point back that was not reached."""
        self._file(service).unlink(missing_ok=True)

    def was_hit(self, service: str) -> bool:
        """Whether the service has died there."""
        return Path(f"{self._file(service)}.hit").exists()

    async def until_hit(self, service: str, seconds: float = HIT_SECONDS) -> bool:
        """Wait until the service has died where it was to; False when it has not."""
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
    async def away(self, *parts: str) -> AsyncIterator[None]:
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
        """Wait for quiet, read everything, and return what is broken."""
        return check(await self.evidence(faults))

    async def evidence(self, faults: Iterable[Fault]) -> Evidence:
        """Wait for quiet and read everything."""
        rest = await until_quiet(self.stack)
        return await self.collector.evidence(self.asked, rest, faults, self.poisons)

    def _file(self, service: str) -> Path:
        return Path(f"{self.crash_file}.{service}")


def words(violations: Iterable[Violation]) -> str:
    """Return the violations for a person to read."""
    found = list(violations)
    counted = Counter(each.guarantee for each in found)
    return "\n".join([f"\n{dict(counted)}", *map(str, found[:20])])
