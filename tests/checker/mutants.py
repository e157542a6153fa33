"""The product with a line broken on purpose, as a copy that one of its processes runs from."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.settings import ROOT
from tests.e2e.client import wait_until
from tests.faults.breaking import Bench
from tests.faults.load import Scene

START_SECONDS = 60.0
# Past the ten seconds after which a key's next sender takes over from one who has died.
PATIENCE_SECONDS = 16.0
END_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be replaced; it must be there exactly once, or the mutant is out of date."""

    file: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is broken, in which services, and what the checker must find because of it."""

    words: str
    services: tuple[str, ...]
    lines: tuple[Line, ...]
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


def copy_of_the_tree(folder: Path, mutant: Mutant) -> None:
    """Write the services, so broken, into the folder."""
    for part in ("services", "contracts"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for line in mutant.lines:
        file = folder / line.file
        text = file.read_text()
        assert text.count(line.was) == 1, f"{line.file} holds {line.was!r} {text.count(line.was)} x"
        file.write_text(text.replace(line.was, line.becomes))


@asynccontextmanager
async def running(bench: Bench, mutant: Mutant, folder: Path) -> AsyncIterator[None]:
    """Run the mutant's services from its tree; afterwards the sound ones are back."""
    copy_of_the_tree(folder, mutant)
    async with AsyncExitStack() as stack:
        for service in mutant.services:
            await stack.enter_async_context(_instead(bench, service, folder))
        yield


@asynccontextmanager
async def _instead(bench: Bench, service: str, folder: Path) -> AsyncIterator[None]:
    async with bench.away(service):
        process = _start(bench, service, folder)
        try:
            await _until_ready(bench, service)
            yield
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def _start(bench: Bench, service: str, folder: Path) -> subprocess.Popen[bytes]:
    settings = {
        **bench.stack.environment(service),
        "BOOKWITH_ENVIRONMENT": "test",
        "BOOKWITH_CRASH_FILE": str(bench.crash_file),
    }
    with (bench.stack.state_dir / "logs" / f"{service}-mutant.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"services.{service}", "serve"],
            cwd=folder,
            env={**os.environ, **settings},
            stdout=log,
            stderr=log,
        )


async def _until_ready(bench: Bench, service: str) -> None:
    async with httpx.AsyncClient(base_url=bench.stack.url(service), trust_env=False) as http:

        async def ready() -> bool:
            try:
                answer = await http.get("/readyz")
            except httpx.TransportError:
                return False
            return answer.status_code == 200 and not answer.json()["degraded"]

        await wait_until(ready, START_SECONDS, f"the broken {service}")
