"""One run of the stack: its processes, and what others can read about them."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from deploy.local import children
from deploy.local.addresses import Addresses, without_password
from deploy.local.children import Child
from deploy.local.settings import StackSettings
from deploy.local.state import PartState, StackState, StateFile, start_time
from deploy.local.steps import Part, Step, Task

Say = Callable[[str], None]


class StopAsked(Exception):
    """Somebody wants the stack to end."""


@dataclass(slots=True)
class Supervised:
    """One part and its present process."""

    part: Part
    child: Child
    started: float
    ready: bool = False
    restarts: int = 0
    deaths: int = 0
    """In a row; forgotten once the part has been up for a while."""
    start_at: float | None = None
    """When it is started again; None while it runs."""

    def state(self, log: Path) -> PartState:
        """Return what others can read about it."""
        alive = self.start_at is None
        return PartState(
            name=self.part.name,
            role=self.part.role,
            url=without_password(self.part.url),
            pid=self.child.process.pid if alive else None,
            created=self.child.created if alive else None,
            state=("running" if self.ready else "starting") if alive else "restarting",
            restarts=self.restarts,
            log=str(log),
        )


class Run:
    """What starting, watching and stopping share."""

    def __init__(
        self,
        settings: StackSettings,
        addresses: Addresses,
        state_file: StateFile,
        say: Say,
        *,
        with_parent: bool,
    ) -> None:
        self.settings = settings
        self.say = say
        self.supervised: dict[str, Supervised] = {}
        self.signals = 0
        self._with_parent = with_parent
        self._state_file = state_file
        self._state = StackState(
            state="starting",
            pid=os.getpid(),
            created=start_time(os.getpid()) or 0.0,
            parent=os.getppid(),
            parent_created=start_time(os.getppid()),
            ports=addresses.ports,
            external=settings.external,
        )

    def listen_to_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal end the run in order."""
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._asked)

    def check_asked(self) -> None:
        """Raise if somebody asked to stop, or if whom we live with has gone."""
        if self.signals or (self._with_parent and os.getppid() != self._state.parent):
            raise StopAsked

    def log_of(self, name: str) -> Path:
        """Return the log file of a step."""
        return self.settings.state_dir / "logs" / f"{name}.log"

    def spawn(self, step: Step) -> Child:
        """Start the process of a step."""
        if step.prepare is not None:
            step.prepare()
        # A task leaves nothing behind that is worth an orderly end.
        on_our_death = signal.SIGKILL if isinstance(step, Task) else step.stop_signal
        return children.spawn(
            step.command,
            step.environment,
            self.log_of(step.name),
            on_our_death=on_our_death,
            text=step.text if isinstance(step, Task) else None,
        )

    def supervise(self, part: Part) -> None:
        """Start a part and keep it in view."""
        self.supervised[part.name] = Supervised(part, self.spawn(part), time.monotonic())

    def write(self, state: str) -> None:
        """Replace the state file."""
        own = PartState(
            "supervisor", "supervisor", None, self._state.pid, self._state.created, state
        )
        external = [
            PartState(part, part, without_password(url), state="external")
            for part, url in self.settings.external.items()
            if part in self.settings.foundation
        ]
        parts = [each.state(self.log_of(name)) for name, each in self.supervised.items()]
        self._state = replace(self._state, state=state, parts=(own, *external, *parts))
        self._state_file.write(self._state)

    def _asked(self, signum: int, frame: FrameType | None) -> None:
        self.signals += 1
