"""Texts of calendars read by a process of their own, started again when one was too much."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from services.availability.calendars.entries.reading import Read
from services.availability.calendars.port import (
    Broken,
    BusyTime,
    OwnEntry,
    SkippedEntry,
    Window,
)

# For one text: waited, computed, and the memory of the process.
SECONDS, CPU_SECONDS, MEMORY_BYTES = 30.0, 10, 1024 * 1024 * 1024
# Memory that a large text has taken is given back with the process.
TEXTS_A_PROCESS = 2000
_LARGEST_ANSWER = 64 * 1024 * 1024


class EntryReader:
    """Reads texts of calendars within bounds of time and memory."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        cpu_seconds: int = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._seconds = seconds
        self._limits = (str(cpu_seconds), str(memory_bytes))
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._texts = 0

    @property
    def pid(self) -> int | None:
        """Return the process that reads now."""
        return None if self._child is None else self._child.pid

    async def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None and child.returncode is None:
            child.kill()
            await child.wait()

    async def read(
        self, text: bytes, *, window: Window, time_zone: str, emails: Sequence[str] = ()
    ) -> Read:
        """Return what the text says; raise Broken for one that is no calendar, or too much."""
        head = {
            "length": len(text),
            "start": window.start.isoformat(),
            "end": window.end.isoformat(),
            "time_zone": time_zone,
            "emails": list(emails),
        }
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._ask(orjson.dumps(head) + b"\n" + text)
            except (TimeoutError, OSError, EOFError, ValueError) as fault:
                await self.close()
                raise Broken("too_large", "it takes too long to read") from fault
            except BaseException:  # whoever asked has gone: the answer would be for the next one
                await self.close()
                raise
        if "fault" in answer:
            raise Broken(answer["fault"], answer.get("detail", ""))
        return _read(answer["read"])

    async def _ask(self, question: bytes) -> dict[str, Any]:
        child = await self._running()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(question)
        await child.stdin.drain()
        length = int(await child.stdout.readuntil(b"\n"))
        answer: dict[str, Any] = orjson.loads(await child.stdout.readexactly(length))
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._texts >= TEXTS_A_PROCESS:
            await self.close()
        if self._child is None or self._child.returncode is not None:
            self._texts = 0
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.availability.calendars.entries.child",
                *self._limits,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
                limit=_LARGEST_ANSWER,
            )
        self._texts += 1
        return self._child


def _read(answer: dict[str, Any]) -> Read:
    return Read(
        objects={
            key: [
                BusyTime(start=_at(start), end=_at(end), kind=kind, all_day=all_day)
                for start, end, kind, all_day in times
            ]
            for key, times in answer["objects"].items()
        },
        own=[
            OwnEntry(
                booking_uid=uid,
                key=key,
                version=version,
                start=start and _at(start),
                end=end and _at(end),
            )
            for uid, key, version, start, end in answer["own"]
        ],
        skipped=[SkippedEntry(key=key, why=why) for key, why in answer["skipped"]],
        name=answer["name"],
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
