"""`python -m tests.mutation` breaks each line of the domain and writes docs/mutation.md."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "mutation.md"
MUTMUT = [sys.executable, "-m", "mutmut"]
LEAST_PERCENT = 95.0
# An endless loop is noticed as surely as a wrong answer.
UNMEASURED = "not checked"
KILLED = frozenset({"killed", "timeout", "segfault", "suspicious"})
OPENING = """\
# Mutation

`make mutation` changes the code of each `services/*/domain` in one place at a time and runs the
domain's unit tests on it. A change that no test notices has survived: the line is not held by a
test, or the change makes no difference. At least 95 % must be killed. `make mutation` writes this
page; `.venv/bin/mutmut show NAME` shows a survivor.

| Module | Mutants | Killed | Survived | Killed, % |
|---|---|---|---|---|
"""


def main() -> int:
    """Run mutmut, write the figures, and return 1 when too much has survived."""
    children = str(os.cpu_count() or 1)
    subprocess.run([*MUTMUT, "run", "--max-children", children], cwd=ROOT, check=True)
    command = [*MUTMUT, "results", "--all", "true"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    outcomes = read(done.stdout.splitlines())
    FILE.write_text(document(outcomes))
    print(FILE.read_text())
    percent = _percent(outcomes.values())
    print(f"{percent:.1f} % killed; at least {LEAST_PERCENT} % must be")
    return 0 if percent >= LEAST_PERCENT else 1


def read(lines: Iterable[str]) -> dict[str, str]:
    """Return what became of each mutant, from what mutmut prints."""
    parts = (line.strip().rpartition(": ") for line in lines if "__mutmut_" in line)
    return {name: outcome for name, _, outcome in parts}


def document(outcomes: Mapping[str, str]) -> str:
    """Return the page with the figures of each module, and the survivors by name."""
    modules: dict[str, list[str]] = {}
    missing = sorted({_module(name) for name, outcome in outcomes.items() if outcome == UNMEASURED})
    outcomes = {name: each for name, each in outcomes.items() if _module(name) not in missing}
    for name, outcome in sorted(outcomes.items()):
        modules.setdefault(_module(name), []).append(outcome)
    rows = [_row(f"`{module}`", found) for module, found in modules.items()]
    rows.append(_row("all", list(outcomes.values())))
    survivors = [
        f"- `{name}`" for name, outcome in sorted(outcomes.items()) if outcome not in KILLED
    ]
    if missing:
        rows += ["", f"Not measured: {', '.join(f'`{module}`' for module in missing)}."]
    return OPENING + "\n".join([*rows, "", "## Survivors", "", *survivors, ""])


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def _row(name: str, outcomes: list[str]) -> str:
    survived = sum(count for outcome, count in Counter(outcomes).items() if outcome not in KILLED)
    killed = len(outcomes) - survived
    return f"| {name} | {len(outcomes)} | {killed} | {survived} | {_percent(outcomes):.1f} |"


def _percent(outcomes: Iterable[str]) -> float:
    found = list(outcomes)
    return 100 * sum(outcome in KILLED for outcome in found) / max(1, len(found))


if __name__ == "__main__":
    sys.exit(main())
