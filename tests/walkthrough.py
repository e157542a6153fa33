"""Commands and their output in a document: `$ bookwith ...`, and the lines below it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"^```(csv)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What is different each time it is run.
_PASSING = (
    (re.compile(r"import-[0-9a-f]{32}"), "import-ID"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?"), "TIME"),
    (re.compile(r"\b\d[\d,]* users?"), "N users"),
    (re.compile(r"\bPlan \d+|\bplan \d+|\bapply \d+"), "plan N"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A command with what it prints, or a file that a later one reads."""

    command: str = ""
    output: str = ""
    file: str = ""


def steps_of(text: str) -> Iterator[Step]:
    """Return the steps of the document, in its order."""
    for kind, block in _BLOCK.findall(text):
        if kind:
            yield Step(file=block)
            continue
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output)


def without_passing(output: str) -> str:
    """Return the output without what is different each time: ids, moments, counts of users."""
    for pattern, word in _PASSING:
        output = pattern.sub(word, output)
    return output.strip()
