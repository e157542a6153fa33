"""The supervisor: starts a process when what it needs is ready, restarts what ends, stops all."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import psutil

from deploy.local import processes
from deploy.local.addresses import Addresses, without_password
from deploy.local.processes import Child, Part, Step, Task, last_lines, spawn, start_time
from deploy.local.settings import StackSettings
from deploy.local.state import PartState, StackState, StateFile

START_TIMEOUT_SECONDS = 120.0
START_POLL_SECONDS = 0.03
WATCH_POLL_SECONDS = 0.05
# The pause before a part that fails again and again is restarted; the first time there is none.
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0)
STABLE_SECONDS = 10.0
STOP_ORDER = (("service",), ("inbox", "oidc"), ("kafka", "postgres"))

Say = Callable[[str], None]


class StopRequested(Exception):
    """The stack is asked to stop."""


class StartFailed(Exception):
    """A step did not start; the message holds the end of its log and what to do."""


@dataclass(slots=True)
class Supervised:
    """One part and its present process."""

    part: Part
    child: Child
    started: float
    ready: bool = False
    restarts: int = 0
    failures: int = 0
    """In a row; counted anew once the part has been up for a while."""
    exit_code: int | None = None
    start_at: float | None = None
    """When it is started again; None while it runs."""

    def report(self, log: Path) -> PartState:
        """Return what the state file says about the part."""
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
            exit_code=self.exit_code,
        )


class Supervisor:
    """One run of the stack; `parent` is the process without which it is given up."""

    def __init__(
        self,
        settings: StackSettings,
        addresses: Addresses,
        say: Say,
        *,
        parent: int,
        end_with_parent: bool,
    ) -> None:
        self.settings = settings
        self.say = say
        self.supervised: dict[str, Supervised] = {}
        self._signals = 0
        self._end_with_parent = end_with_parent
        self._state_file = StateFile(settings.state_dir)
        self._state = StackState(
            state="starting",
            pid=os.getpid(),
            created=start_time(os.getpid()) or 0.0,
            parent=parent,
            parent_created=start_time(parent),
            ports=addresses.ports,
            external=settings.external,
        )

    def listen_to_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal stop the run in order."""
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, self._count_signal)

    def start(self, steps: Iterable[Step]) -> None:
        """Run all steps; raise if one fails, and leave no task behind."""
        starting = _Start(self, steps)
        try:
            while not starting.finished():
                self.check_stop()
                starting.go_on()
                time.sleep(START_POLL_SECONDS)
        finally:
            starting.kill_tasks()

    def watch(self) -> None:
        """Start again whatever ends, until a stop is requested."""
        self.write("running")
        while True:
            self.check_stop()
            changed = [self._look_after(each) for each in self.supervised.values()]
            if any(changed):
                self.write("running")
            time.sleep(WATCH_POLL_SECONDS)

    def stop(self) -> None:
        """End every process: services first, what they need last."""
        self._signals = 0
        self.write("stopping")
        for roles in STOP_ORDER:
            alive = [
                each
                for each in self.supervised.values()
                if each.part.role in roles and each.child.process.poll() is None
            ]
            processes.end(
                {psutil.Process(each.child.process.pid): each.part.stop_signal for each in alive},
                # A second Ctrl-C shortens the wait for what is still running.
                timeout=1.0 if self._signals else processes.KILL_AFTER_SECONDS,
            )
            for each in alive:
                each.child.process.wait()
        self.supervised.clear()
        self.write("stopped")

    def check_stop(self) -> None:
        """Raise if a stop was requested, or if the parent to end with has ended."""
        if self._signals or (self._end_with_parent and os.getppid() != self._state.parent):
            raise StopRequested

    def log_of(self, name: str) -> Path:
        """Return the log file of a step."""
        return self.settings.state_dir / "logs" / f"{name}.log"

    def supervise(self, part: Part) -> None:
        """Start a part and watch it from now on."""
        child = spawn(part, self.log_of(part.name))
        self.supervised[part.name] = Supervised(part, child, time.monotonic())

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
        parts = [each.report(self.log_of(name)) for name, each in self.supervised.items()]
        self._state = replace(self._state, state=state, parts=(own, *external, *parts))
        self._state_file.write(self._state)

    def _look_after(self, each: Supervised) -> bool:
        """Restart the part if it has ended; return whether its state has changed."""
        now = time.monotonic()
        if each.start_at is not None:
            if each.start_at > now or self._is_held(each.part.name):
                return False
            each.child = spawn(each.part, self.log_of(each.part.name))
            each.started, each.start_at = now, None
            each.restarts += 1
            return True
        code = each.child.process.poll()
        if code is not None:
            each.failures = 1 if now - each.started > STABLE_SECONDS else each.failures + 1
            pause = BACKOFF_SECONDS[min(each.failures, len(BACKOFF_SECONDS)) - 1]
            each.start_at, each.ready, each.exit_code = now + pause, False, code
            self.say(f"{each.part.name} ended (exit code {code}); it is started again")
            return True
        if not each.ready:
            each.ready = each.part.ready(each.child.process.pid)
            return each.ready
        return False

    def _is_held(self, name: str) -> bool:
        """Return whether the part shall stay down for now: a test of an outage asks for it."""
        return (self.settings.state_dir / "held" / name).exists()

    def _count_signal(self, signum: int, frame: FrameType | None) -> None:
        self._signals += 1


class _Start:
    """The steps of a run that is starting: those that wait, those that run, those that are done."""

    def __init__(self, supervisor: Supervisor, steps: Iterable[Step]) -> None:
        self._supervisor = supervisor
        self._waiting = list(steps)
        self._done: set[str] = set()
        self._tasks: dict[str, tuple[Task, Child, float]] = {}
        for step in self._waiting:
            processes.rotate(supervisor.log_of(step.name))

    def finished(self) -> bool:
        parts = self._supervisor.supervised.values()
        return not (self._waiting or self._tasks or any(not each.ready for each in parts))

    def go_on(self) -> None:
        """Begin the steps whose predecessors are done, and note which steps are done now."""
        for step in [each for each in self._waiting if self._done.issuperset(each.after)]:
            self._waiting.remove(step)
            self._begin(step)
        for task, child, started in list(self._tasks.values()):
            self._check_task(task, child, started)
        for each in self._supervisor.supervised.values():
            if not each.ready:
                self._check_part(each)

    def kill_tasks(self) -> None:
        for _, child, _ in self._tasks.values():
            child.process.kill()
            child.process.wait()

    def _begin(self, step: Step) -> None:
        if isinstance(step, Part):
            self._supervisor.supervise(step)
            self._supervisor.write("starting")
        elif step.marker is not None and step.marker.exists():
            self._done.add(step.name)
        else:
            child = spawn(step, self._supervisor.log_of(step.name))
            self._tasks[step.name] = (step, child, time.monotonic())

    def _check_task(self, task: Task, child: Child, started: float) -> None:
        if self._exit_code(task, child, started) is None:
            return
        del self._tasks[task.name]
        if child.process.returncode != 0:
            raise self._failed(task, f"ended with exit code {child.process.returncode}")
        if task.marker is not None:
            task.marker.touch()
        self._report_done(task.name, "done", started)

    def _check_part(self, each: Supervised) -> None:
        code = self._exit_code(each.part, each.child, each.started)
        if code is not None:
            raise self._failed(each.part, f"ended with exit code {code}")
        if each.part.ready(each.child.process.pid):
            each.ready = True
            self._report_done(
                each.part.name, "ready", each.started, without_password(each.part.url)
            )
            self._supervisor.write("starting")

    def _exit_code(self, step: Step, child: Child, started: float) -> int | None:
        """Return the exit code of a process that has ended; raise if it takes too long."""
        code = child.process.poll()
        if code is None and time.monotonic() - started > START_TIMEOUT_SECONDS:
            raise self._failed(step, f"was not ready after {START_TIMEOUT_SECONDS:.0f} s")
        return code

    def _report_done(self, name: str, word: str, started: float, url: str = "") -> None:
        self._done.add(name)
        seconds = time.monotonic() - started
        self._supervisor.say(f"  {name:<22} {word:<6} {seconds:5.1f} s   {url}".rstrip())

    def _failed(self, step: Step, what: str) -> StartFailed:
        log = self._supervisor.log_of(step.name)
        lines = [f"{step.name} {what}. The end of {log}:", last_lines(log), step.advice]
        return StartFailed("\n".join(line for line in lines if line))
