"""`python -m tests.guarantees` runs the tests that docs/guarantees.md names, row by row."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUARANTEES = ROOT / "docs" / "guarantees.md"
README = ROOT / "README.md"

_ROW = re.compile(
    r"^\| (?P<id>I\d+[a-z]?) \| (?P<words>.*?) \|.*\| (?P<proof>.*?) \|$", re.MULTILINE
)
_BOUND = re.compile(
    r"^\| (?P<what>[^|]+?) \| (?P<bound>[^|]+?) \|.*\| (?P<proof>[^|]*`[^|]*) \|$", re.MULTILINE
)
_NAMED = re.compile(r"`(test_\w+|tests/[\w/.]+)`")
_PROMISE = re.compile(r"^- (?P<words>.*?)(?: \((?P<ids>I[\w, ]+)\))?$")


@dataclass(frozen=True, slots=True)
class Row:
    """One guarantee that holds now; `proof` are names of tests, and files or folders of them."""

    id: str
    words: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """One sentence of the README, with the guarantees that it is linked to."""

    words: str
    ids: tuple[str, ...]


def rows() -> list[Row]:
    """Return the guarantees that hold now, and the bounds, numbered as they stand."""
    held = [
        Row(found["id"], found["words"], _names(found["proof"]))
        for found in _ROW.finditer(_section(GUARANTEES, "Hold now"))
    ]
    bounds = [
        Row(f"B{number}", f"{found['what']}: {found['bound']}", _names(found["proof"]))
        for number, found in enumerate(_BOUND.finditer(_section(GUARANTEES, "Bounds")), start=1)
    ]
    return held + bounds


def _names(proof: str) -> tuple[str, ...]:
    return tuple(_NAMED.findall(proof))


def promises() -> list[Promise]:
    """Return what the README promises."""
    items = [line for line in _section(README, "What it promises").splitlines() if line[:2] == "- "]
    return [
        Promise(found["words"], tuple((found["ids"] or "").split(", ")) if found["ids"] else ())
        for found in map(_PROMISE.match, items)
        if found
    ]


def places(proof: str) -> list[str]:
    """Return where pytest finds what a row names; nothing when it is not there."""
    if "/" in proof:
        return [proof] if (ROOT / proof).exists() else []
    return [
        f"{path.relative_to(ROOT)}::{proof}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if re.search(rf"^(?:async )?def {proof}\(", path.read_text(), re.MULTILINE)
    ]


def complaints(held: Sequence[Row], promised: Sequence[Promise]) -> Iterator[str]:
    """Yield what is wrong with the documents themselves, before any test runs."""
    known = {row.id for row in held}
    for row in held:
        if not row.proof:
            yield f"{row.id} names no test"
        for each in row.proof:
            if not places(each):
                yield f"{row.id} names {each}, which is not there"
    for promise in promised:
        if not promise.ids:
            yield f"the README promises without a guarantee: {promise.words}"
        for each in promise.ids:
            if each not in known:
                yield f"the README names {each}, which is no row: {promise.words}"


class Outcomes:
    """A plugin of pytest's that remembers what became of each test."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what is reported of a test's beginning, run and end; all must pass."""
        before = self.passed.get(report.nodeid, True)
        self.passed[report.nodeid] = before and report.passed


def main() -> int:
    """Run the tests and print the table; 0 when each row is proven."""
    held = rows()
    wrong = list(complaints(held, promises()))
    if wrong:
        print("\n".join(wrong))
        return 1
    outcomes = Outcomes()
    found = sorted({place for row in held for each in row.proof for place in places(each)})
    pytest.main(["-q", *found], plugins=[outcomes])
    results = {row.id: result(row, outcomes.passed) for row in held}
    print(table(held, results))
    return 0 if all(each.startswith("proven") for each in results.values()) else 1


def result(row: Row, passed: Mapping[str, bool]) -> str:
    """Return what became of the row's tests; what a row names must have run."""
    ran: list[bool] = []
    for place in [place for each in row.proof for place in places(each)]:
        of_place = [ok for test, ok in passed.items() if _is_at(test, place)]
        if not of_place:
            return f"NOT RUN: {place}"
        ran += of_place
    failed = ran.count(False)
    return f"FAILED: {failed} of {len(ran)}" if failed else f"proven by {len(ran)}"


def table(held: Sequence[Row], results: Mapping[str, str]) -> str:
    """Return the table for a person to read."""
    lines = [_line("", "guarantee", "tests", "result")]
    for row in held:
        first, *more = row.proof
        lines.append(_line(row.id, row.words, first, results[row.id]))
        lines += [_line("", "", each, "") for each in more]
    return "\n".join(lines)


def _line(name: str, words: str, proof: str, outcome: str) -> str:
    return f"{name:<5}{words[:58]:<60}{proof[:78]:<80}{outcome}".rstrip()


def _is_at(test: str, place: str) -> bool:
    return test == place or any(test.startswith(f"{place}{after}") for after in ("[", "::", "/"))


def _section(document: Path, title: str) -> str:
    parts: Iterable[str] = document.read_text().split("\n## ")
    return next(part for part in parts if part.startswith(f"{title}\n"))


if __name__ == "__main__":
    sys.exit(main())
