"""Starting: each step begins as soon as what it waits for is there."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from deploy.local import children
from deploy.local.addresses import without_password
from deploy.local.run import Run
from deploy.local.steps import Step, Task

if TYPE_CHECKING:
    from deploy.local.children import Child

START_SECONDS = 120.0
LOOK_SECONDS = 0.03


class StartFailed(Exception):
    """A step did not come up; the words hold the end of its log and what to do."""


class Starting:
    """The steps of one run on their way up."""

    def __init__(self, run: Run, steps: Iterable[Step]) -> None:
        self._run = run
        self._waiting = list(steps)
        self._done: set[str] = set()
        self._tasks: dict[str, tuple[Task, Child, float]] = {}

    def all(self) -> None:
        """Run all steps; raise if one fails, and leave no task behind."""
        for step in self._waiting:
            children.rotate(self._run.log_of(step.name))
        try:
            while not self._finished():
                self._run.check_asked()
                self._begin_what_can()
                self._see_tasks()
                self._see_parts()
                time.sleep(LOOK_SECONDS)
        finally:
            for _, child, _ in self._tasks.values():
                child.process.kill()
                child.process.wait()

    def _finished(self) -> bool:
        return not (
            self._waiting
            or self._tasks
            or any(not each.ready for each in self._run.supervised.values())
        )

    def _begin_what_can(self) -> None:
        for step in [each for each in self._waiting if self._done.issuperset(each.after)]:
            self._waiting.remove(step)
            if not isinstance(step, Task):
                self._run.supervise(step)
                self._run.write("starting")
            elif step.marker is not None and step.marker.exists():
                self._done.add(step.name)
            else:
                self._tasks[step.name] = (step, self._run.spawn(step), time.monotonic())

    def _see_tasks(self) -> None:
        for name, (task, child, started) in list(self._tasks.items()):
            code = child.process.poll()
            if code is None:
                self._check_patience(task, started)
                continue
            del self._tasks[name]
            if code != 0:
                raise self._failed(task, f"ended with exit code {code}")
            if task.marker is not None:
                task.marker.touch()
            self._progress(name, "done", started)

    def _see_parts(self) -> None:
        for name, each in self._run.supervised.items():
            if each.ready:
                continue
            code = each.child.process.poll()
            if code is not None:
                raise self._failed(each.part, f"ended with exit code {code}")
            if each.part.ready(each.child.process.pid):
                each.ready = True
                self._progress(name, "ready", each.started, without_password(each.part.url))
                self._run.write("starting")
            else:
                self._check_patience(each.part, each.started)

    def _progress(self, name: str, word: str, started: float, where: str = "") -> None:
        self._done.add(name)
        seconds = time.monotonic() - started
        self._run.say(f"  {name:<22} {word:<6} {seconds:5.1f} s   {where}".rstrip())

    def _check_patience(self, step: Step, started: float) -> None:
        if time.monotonic() - started > START_SECONDS:
            raise self._failed(step, f"was not there after {START_SECONDS:.0f} s")

    def _failed(self, step: Step, what: str) -> StartFailed:
        log = self._run.log_of(step.name)
        lines = [f"{step.name} {what}. The end of {log}:", children.last_lines(log), step.advice]
        return StartFailed("\n".join(line for line in lines if line))
