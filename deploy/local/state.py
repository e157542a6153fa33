"""The state file: which processes belong to the stack, so that others find and end only these."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

# The kernel counts starts in ticks since boot; the clock that they are turned into may be stepped.
SAME_START_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class PartState:
    """One process of the stack, or one part that is somebody else's (`external`)."""

    name: str
    role: str
    url: str | None = None
    pid: int | None = None
    created: float | None = None
    state: str = "waiting"
    restarts: int = 0
    log: str | None = None

    def process(self) -> psutil.Process | None:
        """Return the process if it still runs and is the one that was started, else None."""
        return live_process(self.pid, self.created)


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
        """Say whether whoever started the supervisor is gone."""
        return live_process(self.parent, self.parent_created) is None


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


def start_time(pid: int) -> float | None:
    """Return when the process started."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


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
        """Replace the file; a reader sees the old or the new one, never half."""
        unfinished = self.path.with_suffix(".json.new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(state), file, indent=1)
        unfinished.replace(self.path)
