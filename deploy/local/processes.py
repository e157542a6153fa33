"""The stack's processes: what they are, when they are ready, how they are started and ended."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.addresses import HOST
from deploy.local.settings import ROOT

PROBE_TIMEOUT_SECONDS = 1.0
KILL_AFTER_SECONDS = 15.0  # services finish what they have begun for up to ten
# The kernel counts starts in ticks since boot; the clock that they are turned into may be stepped.
SAME_START_SECONDS = 2.0
SHARED_ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None

Probe = Callable[[int], bool]
"""Says whether the process with this pid can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A process that must succeed before what comes after it starts."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    standard_input: str | None = None
    prepare: Callable[[], None] | None = None
    marker: Path | None = None
    """Written when the task has succeeded; while it exists, the task is not run again."""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process that stays up and is started again when it ends."""

    name: str
    role: str
    command: tuple[str, ...]
    url: str
    ready: Probe
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    advice: str = ""


Step = Task | Part


def listens(port: int) -> Probe:
    """Return a probe that asks whether the port accepts connections."""

    def probe(pid: int) -> bool:
        try:
            with socket.create_connection((HOST, port), PROBE_TIMEOUT_SECONDS):
                return True
        except OSError:
            return False

    return probe


def answers(port: int, path: str) -> Probe:
    """Return a probe that asks whether the server on the port answers 200 to a GET.

    With a bare socket: an HTTP client would double the supervisor's memory.
    """
    request = f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode()

    def probe(pid: int) -> bool:
        try:
            with socket.create_connection((HOST, port), PROBE_TIMEOUT_SECONDS) as connection:
                connection.sendall(request)
                status_line = connection.makefile("rb").readline()
        except OSError:
            return False
        return status_line.split()[1:2] == [b"200"]

    return probe


@dataclass(frozen=True, slots=True)
class Child:
    """A process that the supervisor has started."""

    process: subprocess.Popen[bytes]
    created: float | None


def spawn(step: Step, log: Path) -> Child:
    """Start a step's process in its own session, so that Ctrl-C reaches the supervisor only."""
    if step.prepare is not None:
        step.prepare()
    # A task keeps nothing that an orderly end would save.
    when_supervisor_ends = signal.SIGKILL if isinstance(step, Task) else step.stop_signal
    standard_input = step.standard_input if isinstance(step, Task) else None
    supervisor = os.getpid()

    def end_with_supervisor() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(when_supervisor_ends))
            if os.getppid() != supervisor:
                os._exit(1)

    with log.open("ab") as output:
        process = subprocess.Popen(
            step.command,
            cwd=ROOT,
            env=os.environ | SHARED_ENVIRONMENT | dict(step.environment),
            stdin=subprocess.DEVNULL if standard_input is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_supervisor,  # noqa: PLW1509 # the supervisor has one thread
        )
    if standard_input is not None and process.stdin is not None:
        process.stdin.write(standard_input.encode())
        process.stdin.close()
    return Child(process, start_time(process.pid))


def start_time(pid: int) -> float | None:
    """Return when the process started."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def live_process(pid: int | None, created: float | None) -> psutil.Process | None:
    """Return the process that has this pid and start time, else None."""
    if pid is None or created is None:
        return None
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) <= SAME_START_SECONDS
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except psutil.NoSuchProcess:
        pass
    return None


def end(
    processes: Mapping[psutil.Process, signal.Signals], timeout: float = KILL_AFTER_SECONDS
) -> None:
    """Send each process its signal, wait until they have ended, then kill those that have not."""
    for process, wanted in processes.items():
        _send(process, wanted)
        _send(process, signal.SIGCONT)  # a process that was stopped receives its signal too
    for process in _alive_after(timeout, processes):
        _send(process, signal.SIGKILL)
    _alive_after(timeout, processes)


def _send(process: psutil.Process, wanted: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(wanted)


def _alive_after(seconds: float, processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Wait until all have ended, at most so long, and return those that have not."""
    deadline = time.monotonic() + seconds
    while (alive := [each for each in processes if not _ended(each)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.02)
    return alive


def _ended(process: psutil.Process) -> bool:
    """Return true for a zombie too: its present parent may never collect it."""
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
