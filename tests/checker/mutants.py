"""The product with a function broken on purpose, in processes that stand in for the sound ones."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from deploy.local.settings import ROOT
from tests.checker.seams import BROKEN
from tests.e2e.client import wait_until
from tests.faults.breaking import Bench
from tests.faults.load import Scene

START_SECONDS = 60.0
# Past the ten seconds after which a key's next sender takes over from one who has died.
PATIENCE_SECONDS = 16.0
END_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is broken (see `seams.BROKEN`), and what the checker must find because of it."""

    words: str
    breaks: str
    shows: str
    crash: Mapping[str, str]
    """Where a service must die before it shows."""
    scenes: tuple[Scene, ...]
    """What people must do for it to show."""
    patience: float = PATIENCE_SECONDS
    """How long people insist on an answer."""
    statements: tuple[str, ...] = ()
    """What must be taken out of booking's database for it to show."""


@asynccontextmanager
async def running(bench: Bench, mutant: Mutant) -> AsyncIterator[None]:
    """Run the mutant's services; afterwards the sound ones are back."""
    async with AsyncExitStack() as stack:
        for service in BROKEN[mutant.words]:
            await stack.enter_async_context(_instead(bench, service, mutant.words))
        yield


@asynccontextmanager
async def _instead(bench: Bench, service: str, broken: str) -> AsyncIterator[None]:
    async with bench.away(service):
        process = _start(bench, service, broken)
        try:
            await _until_ready(bench, service, process)
            yield
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def _start(bench: Bench, service: str, broken: str) -> subprocess.Popen[bytes]:
    settings = {
        **bench.stack.environment(service),
        "BOOKWITH_ENVIRONMENT": "test",
        "BOOKWITH_CRASH_FILE": str(bench.crash_file),
    }
    with (bench.stack.state_dir / "logs" / f"{service}-mutant.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.checker.broken_service", service, broken],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )


async def _until_ready(bench: Bench, service: str, process: "subprocess.Popen[bytes]") -> None:
    async with httpx.AsyncClient(base_url=bench.stack.url(service), trust_env=False) as http:

        async def ready() -> bool:
            log = bench.stack.state_dir / "logs" / f"{service}-mutant.log"
            assert process.poll() is None, f"{service} was not broken: {log.read_text()[-2000:]}"
            try:
                answer = await http.get("/readyz")
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and not answer.json()["degraded"]

        await wait_until(ready, START_SECONDS, f"the broken {service}")
