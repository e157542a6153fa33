"""One supervisor for a state folder; what a killed one left behind is ended, and nothing else."""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deploy.local import children
from deploy.local.state import StackState, StateFile

STOP_SECONDS = 45.0
STOP_SIGNALS = {"postgres": signal.SIGINT}


class AlreadyRuns(Exception):
    """A stack runs in this state folder; says how to see and to end it."""


class Lock:
    """Held by the supervisor for as long as it lives; the kernel gives it back."""

    def __init__(self, state_dir: Path) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> bool:
        """Take the lock, unless another supervisor has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def take_over(state_dir: Path, say: Callable[[str], None]) -> Lock:
    """Become the one supervisor of the folder, ending what a killed run has left."""
    lock, state_file = Lock(state_dir), StateFile(state_dir)
    if not lock.take():
        _wait_for_end(lock, state_file, state_dir, say)
    state = state_file.read()
    if state is not None and (left := left_behind(state)):
        pids = ", ".join(str(process.pid) for process in left)
        say(f"ending what a killed run has left: pid {pids}")
        children.end(left)
    return lock


def left_behind(state: StackState) -> dict[psutil.Process, signal.Signals]:
    """Return the processes of the run that are still there, each with the signal that ends it."""
    return {
        process: STOP_SIGNALS.get(part.role, signal.SIGTERM)
        for part in state.parts
        if (process := part.process()) is not None
    }


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
            "`bookwith status` shows it, `bookwith down` ends it"
        )
    say("waiting for the run before this one to end")
    if supervisor is not None:
        supervisor.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while not lock.take():
        if time.monotonic() > deadline:
            raise AlreadyRuns(f"the run before this one does not end; its lock: {state_dir}/lock")
        time.sleep(0.1)
