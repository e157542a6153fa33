"""The state folder: which processes belong to the stack, and the lock that one supervisor holds."""

import fcntl
import json
import os
import signal
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from deploy.local import processes
from deploy.local.processes import live_process

STOP_TIMEOUT_SECONDS = 45.0
# What ends a process whose supervisor was killed; SIGTERM for all others.
STOP_SIGNALS = {"postgres": signal.SIGINT}


class AlreadyRuns(Exception):
    """A stack runs in this state folder; the message says how to see it and to stop it."""


@dataclass(frozen=True, slots=True)
class PartState:
    """One process of the stack, or one part that was running already (`external`)."""

    name: str
    role: str
    url: str | None = None
    pid: int | None = None
    created: float | None = None
    state: str = "waiting"
    restarts: int = 0
    log: str | None = None
    exit_code: int | None = None
    """How its last process ended; negative: by that signal."""

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs and is the one that was started, else None."""
        return live_process(self.pid, self.created)

    def rss_bytes(self) -> int | None:
        """Return the resident memory, or None when there is no process.

        PostgreSQL is many processes with one block of shared memory: the proportional share of
        each is added up; otherwise the shared block would count once for each connection.
        """
        process = self.process()
        if process is None:
            return None
        try:
            if self.role != "postgres":
                return int(process.memory_info().rss)
            return sum(map(_proportional_share, (process, *process.children(recursive=True))))
        except psutil.NoSuchProcess:
            return None


@dataclass(frozen=True, slots=True)
class StackState:
    """One run of the stack."""

    state: str
    pid: int
    created: float
    parent: int
    parent_created: float | None
    ports: Mapping[str, int] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[PartState, ...] = ()

    def supervisor(self) -> psutil.Process | None:
        """Return the supervisor's process if it still runs, else None."""
        return live_process(self.pid, self.created)

    def orphaned(self) -> bool:
        """Return whether the process that started the supervisor has ended."""
        return live_process(self.parent, self.parent_created) is None

    def left_behind(self) -> dict[psutil.Process, signal.Signals]:
        """Return the parts' processes that still run, each with the signal that ends it."""
        return {
            process: STOP_SIGNALS.get(part.role, signal.SIGTERM)
            for part in self.parts
            if (process := part.process()) is not None
        }


class StateFile:
    """`state.json`, replaced as a whole at each change."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "state.json"

    def read(self) -> StackState | None:
        """Return what the last supervisor wrote, or None."""
        try:
            document: dict[str, Any] = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        parts = tuple(PartState(**part) for part in document.pop("parts"))
        return replace(StackState(**document), parts=parts)

    def write(self, state: StackState) -> None:
        """Replace the file; a reader sees the old or the new one, never half of one."""
        unfinished = self.path.with_suffix(".json.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(state), file, indent=1)
        unfinished.replace(self.path)


def make_private(state_dir: Path) -> None:
    """Make the folder so that only its owner may enter it: it holds mails, tokens, private links.

    One that was there before and holds something else is somebody's own: it stays as it is.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if (state_dir / "lock").exists() or not any(state_dir.iterdir()):
            state_dir.chmod(0o700)


def _close_to_others(state_dir: Path) -> None:
    """Close what an earlier version left open to other users; PostgreSQL closes its own data."""
    for folder, inner, files in os.walk(state_dir):
        if "postmaster.pid" in files or "PG_VERSION" in files:
            inner.clear()
            continue
        for path in (Path(folder, name) for name in (*inner, *files)):
            with suppress(FileNotFoundError):
                mode = path.lstat().st_mode
                if mode & 0o077 and not path.is_symlink():
                    path.chmod(stat.S_IMODE(mode) & ~0o077)


class Lock:
    """Held by the supervisor until it ends; the kernel then releases it."""

    def __init__(self, state_dir: Path) -> None:
        make_private(state_dir)
        self._descriptor = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Take the lock, unless another supervisor has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def take_over(state_dir: Path, say: Callable[[str], None]) -> Lock:
    """Become the one supervisor of the folder; end the processes that a killed run has left."""
    lock, state_file = Lock(state_dir), StateFile(state_dir)
    if not lock.take():
        _wait_for_end(lock, state_file, state_dir, say)
    _close_to_others(state_dir)
    state = state_file.read()
    if state is not None and (left := state.left_behind()):
        pids = ", ".join(str(process.pid) for process in left)
        say(f"ending the processes that a killed run has left: pid {pids}")
        processes.end(left)
    return lock


def _wait_for_end(
    lock: Lock, state_file: StateFile, state_dir: Path, say: Callable[[str], None]
) -> None:
    """Wait for a run that is ending, or end one whose starter was killed; refuse otherwise."""
    state = state_file.read()
    supervisor = state.supervisor() if state else None
    if state is None or (state.state not in ("stopping", "stopped") and not state.orphaned()):
        pid = supervisor.pid if supervisor else "unknown"
        raise AlreadyRuns(
            f"a stack already runs in {state_dir} (supervisor pid {pid}): "
            "`bookwith status` shows it, `bookwith down` stops it"
        )
    say("waiting for the previous run to end")
    if supervisor is not None:
        supervisor.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while not lock.take():
        if time.monotonic() > deadline:
            raise AlreadyRuns(f"the previous run does not end; its lock is {state_dir}/lock")
        time.sleep(0.1)


def _proportional_share(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    return int(getattr(memory, "pss", memory.uss))
