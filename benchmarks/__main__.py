"""`python -m benchmarks`: run all, print and write the table; exit 1 when a bar is missed."""

import asyncio
import sys
from pathlib import Path

import structlog
import uvloop

from benchmarks import batch_consumer, commit_to_effect, relay_drain, reserve_append
from benchmarks.ground import laid
from benchmarks.measuring import Finding, all_passed
from benchmarks.report import as_json, table

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = {
    module.__name__.rpartition(".")[2]: module
    for module in (reserve_append, relay_drain, batch_consumer, commit_to_effect)
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    print("Starting PostgreSQL and Kafka ...", flush=True)
    findings = uvloop.run(_run(names or list(BENCHMARKS)))
    text = table(findings)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    for finding in findings:
        (RESULTS / f"{finding.name}.json").write_text(as_json(finding))
    if len(findings) == len(BENCHMARKS):
        (RESULTS / "README.md").write_text(text)
    return 0 if all_passed(findings) else 1


async def _run(names: list[str]) -> list[Finding]:
    findings = []
    with laid() as ground:
        for name in names:
            print(f"Measuring {name} ...", flush=True)
            findings.append(await BENCHMARKS[name].measured(ground))
            await asyncio.sleep(1)
    return findings


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(BENCHMARKS):
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.")
    sys.exit(main(sys.argv[1:]))
