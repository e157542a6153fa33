"""`python -m benchmarks.first_time`: our page to pick a time beside a rival's, on a slow phone.

Not a part of `make bench`: it fetches the rival from the package registries.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from playwright.async_api import Browser

from benchmarks import load
from benchmarks.measuring import SAMPLES, Bar, Finding, Series, all_passed
from benchmarks.product import free_port, running
from benchmarks.report import table
from benchmarks.rival.running import FIRST_TIME, rival
from tests.e2e.browser import chromium

RESULT = Path(__file__).parent / "results" / "first_time.md"
# As Lighthouse slows a phone: 1.6 Mbit/s, 150 ms, a quarter of the processor.
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8,
    "uploadThroughput": 750 * 1024 / 8,
}
SLOWER_PROCESSOR = 4
SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What the first visit to a page costs, until its first time can be picked."""

    kilobytes: float
    requests: int
    seconds: float


async def visit(browser: Browser, address: str, first_time: str) -> Visit:
    """Open the page in a new window of a slow phone."""
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    loaded: list[float] = []
    devtools.on("Network.loadingFinished", lambda seen: loaded.append(seen["encodedDataLength"]))
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", SLOW)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    began = time.perf_counter()
    await page.goto(address, wait_until="commit")
    await page.locator(first_time).first.wait_for(state="visible", timeout=60_000)
    seconds = time.perf_counter() - began
    await page.wait_for_load_state("networkidle")
    await context.close()
    return Visit(sum(loaded) / 1000, len(loaded), seconds)


async def measured(ours: str, theirs: str) -> Sequence[Finding]:
    """Visit both in turn, then ask both for the page as fast as they answer."""
    async with chromium() as browser:
        pairs = [
            (
                await visit(browser, ours, "button.time"),
                await visit(browser, theirs, FIRST_TIME),
            )
            for _ in range(1 + SAMPLES)
        ][1:]
    rates = [(await _rate(ours), await _rate(theirs)) for _ in range(1 + SAMPLES)][1:]
    rival_page = "django-appointment's page, its files from its own site, without its web font"
    slow = "a phone of 360 px at 1.6 Mbit/s, 150 ms and a quarter of the processor"

    def finding(
        name: str, claim: str, unit: str, bar: Bar, pairs: Sequence[tuple[float, float]]
    ) -> Finding:
        found, anchors = (Series(tuple(side)) for side in zip(*pairs, strict=True))
        return Finding(name, claim, rival_page, unit, bar, found, anchors)

    at_most, at_least = Bar("at most", 1), Bar("at least", 1)
    return [
        finding(
            "bytes",
            "what the first visit to the page to pick a time loads",
            "kB",
            at_most,
            [(one.kilobytes, other.kilobytes) for one, other in pairs],
        ),
        finding(
            "requests",
            "how often that visit asks",
            "requests",
            at_most,
            [(one.requests, other.requests) for one, other in pairs],
        ),
        finding(
            "first_time",
            f"from the click to the first time that can be picked, on {slow}",
            "s",
            at_most,
            [(one.seconds, other.seconds) for one, other in pairs],
        ),
        finding(
            "pages",
            "the same page, one process each, ours with the times of a month in it",
            "/s",
            at_least,
            rates,
        ),
    ]


async def _rate(address: str) -> float:
    site, _, path = address.removeprefix("http://").partition("/")
    return await load.rate(f"http://{site}", repeat(load.get(f"/{path}")), SECONDS)


def main() -> int:
    """Measure, write the result, and return the exit code."""
    with rival(free_port()) as theirs, running() as product:
        ours = f"{product.booking}{product.office.path}?tz=Europe%2FCopenhagen"
        findings = asyncio.run(measured(ours, theirs))
    text = table(findings, "python -m benchmarks.first_time")
    RESULT.write_text(text)
    print(text)
    return 0 if all_passed(findings) else 1


if __name__ == "__main__":
    sys.exit(main())
