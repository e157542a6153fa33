"""What the supervisor runs: tasks that come to an end, parts that stay up."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """A process that must end well before what comes after it."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    """What the process reads from its standard input."""
    prepare: Callable[[], None] | None = None
    marker: Path | None = None
    """Written when the task has ended well; while it is there, the task is not run again."""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A process that stays up and is started again when it dies."""

    name: str
    role: str
    command: tuple[str, ...]
    url: str
    ready: Callable[[int], bool]
    """Say whether the process with this pid can be used."""
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    advice: str = ""


Step = Task | Part
