"""The product with a function broken on purpose, in processes that replace the unbroken ones."""

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
from tests.faults.load import Scenario
from tests.faults.stack_under_test import StackUnderTest

START_SECONDS = 60.0
# Past the ten seconds after which a key's next sender takes over from one who has died.
LONGEST_WAIT_SECONDS = 16.0
END_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is broken (see `seams.BROKEN`), and what the checker must find because of it."""

    words: str
    breaks: str
    shows: str
    crash: Mapping[str, str]
    """Where a service must die before it shows."""
    scenarios: tuple[Scenario, ...]
    """What people must do for it to show."""
    longest_wait: float = LONGEST_WAIT_SECONDS
    """How long people insist on an answer."""
    statements: tuple[str, ...] = ()
    """What must be taken out of booking's database for it to show."""


@asynccontextmanager
async def running(stack_under_test: StackUnderTest, mutant: Mutant) -> AsyncIterator[None]:
    """Run the mutant's services; afterwards the sound ones are back."""
    async with AsyncExitStack() as stack:
        for service in BROKEN[mutant.words]:
            await stack.enter_async_context(_instead(stack_under_test, service, mutant.words))
        yield


@asynccontextmanager
async def _instead(
    stack_under_test: StackUnderTest, service: str, broken: str
) -> AsyncIterator[None]:
    async with stack_under_test.stopped(service):
        process = _start(stack_under_test, service, broken)
        try:
            await _until_ready(stack_under_test, service, process)
            yield
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def _start(stack_under_test: StackUnderTest, service: str, broken: str) -> subprocess.Popen[bytes]:
    settings = {
        **stack_under_test.stack.environment(service),
        "BOOKWITH_ENVIRONMENT": "test",
        "BOOKWITH_CRASH_FILE": str(stack_under_test.crash_file),
    }
    with (stack_under_test.stack.state_dir / "logs" / f"{service}-mutant.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.checker.broken_service", service, broken],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )


async def _until_ready(
    stack_under_test: StackUnderTest, service: str, process: "subprocess.Popen[bytes]"
) -> None:
    async with httpx.AsyncClient(
        base_url=stack_under_test.stack.url(service), trust_env=False
    ) as http:

        async def ready() -> bool:
            log = stack_under_test.stack.state_dir / "logs" / f"{service}-mutant.log"
            assert process.poll() is None, f"{service} was not broken: {log.read_text()[-2000:]}"
            try:
                answer = await http.get("/readyz")
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and not answer.json()["degraded"]

        await wait_until(ready, START_SECONDS, f"the broken {service}")
