"""Starting processes that end with the supervisor, and ending them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.settings import ROOT
from deploy.local.state import start_time

PR_SET_PDEATHSIG = 1
KILL_AFTER_SECONDS = 15.0  # services drain for up to ten
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """A process that the supervisor has started."""

    process: subprocess.Popen[bytes]
    created: float | None


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    *,
    on_our_death: signal.Signals = signal.SIGTERM,
    text: str | None = None,
) -> Child:
    """Start a process in a session of its own, so that Ctrl-C reaches the supervisor alone."""
    parent = os.getpid()

    def die_with_supervisor() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(on_our_death))
            if os.getppid() != parent:
                os._exit(1)

    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2", **environment},
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_supervisor,  # noqa: PLW1509 # the supervisor has one thread
        )
    if text is not None and process.stdin is not None:
        process.stdin.write(text.encode())
        process.stdin.close()
    return Child(process, start_time(process.pid))


def end(
    processes: Mapping[psutil.Process, signal.Signals], patience: float = KILL_AFTER_SECONDS
) -> None:
    """Ask each process to end with its signal, wait, then kill what is left."""
    for process, wanted in processes.items():
        _send(process, wanted)
        _send(process, signal.SIGCONT)  # one that was paused hears it too
    for process in _left_after(patience, processes):
        _send(process, signal.SIGKILL)
    _left_after(patience, processes)


def _send(process: psutil.Process, wanted: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(wanted)


def _left_after(seconds: float, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Wait until all have ended, at most so long, and return those that have not."""
    deadline = time.monotonic() + seconds
    while (left := [each for each in processes if not _ended(each)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return left


def _ended(process: psutil.Process) -> bool:
    """Say so of a zombie too: whoever is its parent now may never collect it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def last_lines(log: Path, count: int = 25) -> str:
    """Return the end of a log file."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""


def rotate(log: Path) -> None:
    """Begin a new log file; the one before is kept, older ones are not."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
