"""What a run says: a table for people, a document for programs."""

import json
import os
import platform
from collections.abc import Sequence

from benchmarks.measuring import Finding, Series

_HEAD = """\
# Benchmarks

Written by `{command}`. Both sides of a row are measured in turn in one run, {samples} times each
after a round that does not count; a ratio is a sample of ours over the anchor's beside it. Given
are medians, with the least and the greatest in brackets. Over HTTP the load, the anchor and one
process of each service share the machine, and the load comes over 32 connections. Ratios
carry over to other machines, the figures themselves do not ({cores} cores, Python {python}).

| benchmark | ours | anchor | ratio | bar | |
|---|---|---|---|---|---|
"""


def table(findings: Sequence[Finding], command: str = "make bench") -> str:
    """Return the findings as a page of Markdown; the command has measured them."""
    rows = "\n".join(map(_row, findings))
    notes = "\n".join(
        f"- **{each.name}**: {each.claim}; beside it {each.anchor}."
        + "".join(f" {note}" for note in each.notes)
        for each in findings
    )
    head = _HEAD.format(
        command=command,
        samples=len(findings[0].ours.samples),
        cores=os.cpu_count(),
        python=platform.python_version(),
    )
    return f"{head}{rows}\n\n{notes}\n"


def as_json(finding: Finding) -> str:
    """Return the finding with every sample."""
    document = {
        "name": finding.name,
        "claim": finding.claim,
        "anchor": finding.anchor,
        "unit": finding.unit,
        "bar": str(finding.bar),
        "passed": finding.passed,
        "ratio": _summary(finding.ratios),
        "ours": _summary(finding.ours),
        "anchors": _summary(finding.anchors),
        "notes": finding.notes,
    }
    return json.dumps(document, indent=2) + "\n"


def _row(finding: Finding) -> str:
    verdict = "held" if finding.passed else "**missed**"
    cells = (
        finding.name,
        f"{_figures(finding.ours)} {finding.unit}",
        f"{_figures(finding.anchors)} {finding.unit}",
        _figures(finding.ratios),
        str(finding.bar),
        verdict,
    )
    return f"| {' | '.join(cells)} |"


def _figures(series: Series) -> str:
    least, greatest = series.spread
    return f"{_short(series.median)} ({_short(least)} to {_short(greatest)})"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def _summary(series: Series) -> dict[str, object]:
    return {
        "median": round(series.median, 4),
        "spread": [round(each, 4) for each in series.spread],
        "samples": [round(each, 4) for each in series.samples],
    }
