"""The pure sweep over 60 days and 1,000 busy times, beside an interval library and a bare loop."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import portion

from benchmarks.ground import Ground
from benchmarks.measuring import Bar, Finding, Series, in_turn
from services.availability.domain.busy import Buffers, busy_times
from services.availability.domain.hours import Window
from services.availability.domain.intervals import DAY, MINUTE, Interval, micros
from services.availability.domain.slots import sweep

DAYS, BUSY = 60, 1_000
LENGTH, STEP, BUFFERS = 30 * MINUTE, 15 * MINUTE, Buffers(5, 10)
ROUNDS = 20
LONGEST_TO_BARE = 3.0
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST = micros(_NOW)
WITHIN = _FIRST, _FIRST + DAYS * DAY


def busy(count: int, minutes: int = 10) -> list[Interval]:
    """Return so many times of so many minutes, spread evenly over the days."""
    apart = DAYS * DAY // count
    return [(_FIRST + at * apart, _FIRST + at * apart + minutes * MINUTE) for at in range(count)]


def windows() -> list[Window]:
    """Return a window of ten hours on each day."""
    return [
        Window(begin, begin + 10 * 60 * MINUTE, begin + 10 * 60 * MINUTE)
        for begin in range(_FIRST + 8 * 60 * MINUTE, WITHIN[1], DAY)
    ]


def ours(times: Sequence[Interval], buffers: Buffers = BUFFERS) -> list[int]:
    """Return the starts that are free."""
    taken = busy_times((), _NOW, buffers=buffers, calendar=times)
    return sweep(windows(), taken, WITHIN, LENGTH, STEP)


def by_library(times: Sequence[Interval]) -> list[int]:
    """Return them by taking the busy times out of the windows with the library."""
    before, after = BUFFERS.after * MINUTE, BUFFERS.before * MINUTE
    open_ = portion.Interval(*(portion.closedopen(begin, end) for begin, _, end in windows()))
    taken = portion.Interval(
        *(portion.closedopen(begin - before, end + after) for begin, end in times)
    )
    free, starts = open_ - taken, list[int]()
    for begin, _, end in windows():
        for part in free & portion.closedopen(begin, end):
            first = begin - (begin - part.lower) // STEP * STEP
            starts += range(first, part.upper - LENGTH + 1, STEP)
    return starts


def bare(starts: Sequence[int]) -> list[int]:
    """Return the same starts by a loop that decides nothing."""
    found = []
    for start in starts:
        found.append(start)  # noqa: PERF402 -- the loop is what is measured
    return found


def milliseconds(work: Callable[[], list[int]], rounds: int = ROUNDS) -> float:
    """Return the processor time of one round."""
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) * 1000 / rounds


async def measured(_: Ground, samples: int) -> Finding:
    """Measure the sweep and the library in turn, and the bare loop once more beside."""
    times = busy(BUSY)
    found = ours(times)
    if found != by_library(times):
        raise AssertionError("the library finds other starts")

    async def sweeping() -> float:
        return milliseconds(lambda: ours(times))

    async def with_library() -> float:
        return milliseconds(lambda: by_library(times), rounds=1)

    swept, anchors = await in_turn(sweeping, with_library, samples)
    loops = Series(tuple(milliseconds(lambda: bare(found)) for _ in range(samples)))
    ratio = swept.median / loops.median
    verdict = "held" if ratio <= LONGEST_TO_BARE else "missed"
    return Finding(
        name="slot_sweep",
        claim=f"{len(found):,} free starts of {DAYS} days around {BUSY:,} busy times, with buffers",
        anchor="the library portion",
        unit="ms",
        bar=Bar("at most", 1 / 20),
        ours=swept,
        anchors=anchors,
        notes=(
            (
                f"{ratio:.1f} times a bare loop over the same starts ({loops.median:.3f} ms); "
                f"at most {LONGEST_TO_BARE:g}: {verdict}."
            ),
        ),
    )
