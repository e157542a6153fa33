"""One sample of an address that is only read: its rate, and its processor time by part."""

import time
from collections.abc import Iterator

from benchmarks import load
from benchmarks.processor_time import Count, ProcessorTime


async def reads(url: str, requests: Iterator[bytes], seconds: float, used: ProcessorTime) -> float:
    """Return how many answers came in a second."""
    done = Count()
    with used.of(done):
        started = time.perf_counter()
        answers = await load.run(url, requests, seconds)
        done.value = answers.count
        return answers.count / (time.perf_counter() - started)
