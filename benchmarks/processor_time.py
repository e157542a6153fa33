"""The processor time that each part of the product has used, and what one operation costs it."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

# Named first, in this order; what is used by others stands behind them.
PARTS = ("booking", "postgres", "availability", "kafka", "notifier", "policy", "inbox", "load")


@dataclass(slots=True)
class ProcessorTime:
    """Samples of the processor time of one operation in milliseconds, by part."""

    processes: Mapping[str, psutil.Process]
    samples: list[dict[str, float]] = field(default_factory=list)

    @contextmanager
    def of(self, count: "Count") -> Iterator[None]:
        """Measure what runs inside, and divide it by the number of operations counted there."""
        before = self._used()
        yield
        after = self._used()
        if count.value:
            self.samples.append(
                {part: (after[part] - before[part]) * 1_000 / count.value for part in after}
            )

    def note(self, operation: str) -> str:
        """Return the medians as a sentence."""
        counted = self.samples[1:] or self.samples  # the first round warms up
        medians = {
            part: statistics.median(each[part] for each in counted)
            for part in PARTS
            if counted and part in counted[0]
        }
        figures = ", ".join(f"{part} {ms:.2f}" for part, ms in medians.items())
        return f"Processor time of {operation} in ms: {figures}."

    def _used(self) -> dict[str, float]:
        used = {part: _of_tree(process) for part, process in self.processes.items()}
        return {**used, "load": time.process_time()}


@dataclass(slots=True)
class Count:
    """How many operations were done."""

    value: int = 0


def _of_tree(process: psutil.Process) -> float:
    """Return the seconds of a process and of its children, also of those that have ended."""
    own = process.cpu_times()
    ended = own.children_user + own.children_system
    return own.user + own.system + ended + sum(_alive(process.children(recursive=True)))


def _alive(children: Sequence[psutil.Process]) -> Iterator[float]:
    for child in children:
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:  # its time has become one of an ended child
            continue
        yield times.user + times.system
