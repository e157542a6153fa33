"""`python -m benchmarks [name ...]`: measure, print the table; exit 1 when a bar is missed."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import structlog
import uvloop

from benchmarks import (
    batch_consumer,
    bookings,
    bookings_with_rules,
    busy_times,
    commit_to_effect,
    feed_reading,
    holds,
    holds_with_rules,
    letters,
    livez,
    long_stream,
    many_events,
    pick_page,
    policy_switch,
    policy_verdicts,
    product,
    relay_drain,
    reserve_append,
    slot_sweep,
    slots,
)
from benchmarks.ground import laid
from benchmarks.measuring import SAMPLES, Finding, all_passed
from benchmarks.report import as_json, table

RESULTS = Path(__file__).parent / "results"
MECHANISMS = (
    reserve_append,
    many_events,
    long_stream,
    relay_drain,
    batch_consumer,
    commit_to_effect,
    policy_verdicts,
    policy_switch,
    slot_sweep,
    busy_times,
    feed_reading,
)
OVER_HTTP = (
    livez,
    slots,
    pick_page,
    holds,
    holds_with_rules,
    bookings,
    bookings_with_rules,
    letters,
)


def name_of(module: ModuleType) -> str:
    """Return the name by which a benchmark is asked for."""
    return module.__name__.rpartition(".")[2]


BENCHMARKS = {name_of(module): module for module in (*MECHANISMS, *OVER_HTTP)}


def main(names: Sequence[str], samples: int) -> int:
    """Run the named benchmarks; only with all samples is anything written."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    findings = [
        *_findings(laid, "PostgreSQL and Kafka", _named(MECHANISMS, names), samples),
        *_findings(product.running, "everything", _named(OVER_HTTP, names), samples),
    ]
    text = table(findings)
    print(text)
    if samples >= SAMPLES:
        RESULTS.mkdir(exist_ok=True)
        for finding in findings:
            (RESULTS / f"{finding.name}.json").write_text(as_json(finding))
        if len(findings) == len(BENCHMARKS):
            (RESULTS / "README.md").write_text(text)
    return 0 if all_passed(findings) else 1


def _named(modules: Sequence[ModuleType], names: Sequence[str]) -> list[ModuleType]:
    return [module for module in modules if name_of(module) in names]


def _findings(
    start: Callable[[], AbstractContextManager[object]],
    what: str,
    modules: Sequence[ModuleType],
    samples: int,
) -> list[Finding]:
    if not modules:
        return []
    print(f"Starting {what} ...", flush=True)
    with start() as ground:
        return uvloop.run(_measured(modules, ground, samples))


async def _measured(modules: Sequence[ModuleType], ground: object, samples: int) -> list[Finding]:
    findings = []
    for module in modules:
        print(f"Measuring {name_of(module)} ...", flush=True)
        findings.append(await module.measured(ground, samples))
        await asyncio.sleep(1)
    return findings


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all without any")
    parser.add_argument(
        "--samples", type=int, default=SAMPLES, help=f"fewer than {SAMPLES} write no results"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    sys.exit(main(arguments.names or list(BENCHMARKS), arguments.samples))
