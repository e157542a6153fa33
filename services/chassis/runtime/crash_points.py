"""Named places where a test may kill the process; each is a no-op unless armed.

A test arms a running process by writing `<point> <pass>` into the crash file. The process takes
the file away as it dies, so that its successor lives on. Settings refuse this in production.
"""

import os
import signal
from pathlib import Path


class _Trap:
    file: Path | None = None


def allow(service: str, environment: str, crash_file: str | None) -> None:
    """Let tests arm crash points by `<crash_file>.<service>`, in the test environment only."""
    if environment == "test" and crash_file:
        _Trap.file = Path(f"{crash_file}.{service}")


def reach(point: str) -> None:
    """Die here by SIGKILL if a test asked for it."""
    if _Trap.file is not None:
        _die_if_armed(_Trap.file, point)


def _die_if_armed(file: Path, point: str) -> None:
    try:
        armed, _, passes = file.read_text().strip().partition(" ")
    except OSError:
        return
    if armed != point:
        return
    left = int(passes or "1") - 1
    if left > 0:
        file.write_text(f"{armed} {left}")
        return
    try:
        file.rename(f"{file}.hit")
    except FileNotFoundError:
        return  # another instance was faster: one death for each arming
    os.kill(os.getpid(), signal.SIGKILL)
