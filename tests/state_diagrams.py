"""`python -m tests.state_diagrams` writes docs/states.md from the deciders' tables of pairs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.pairs import Cell, Pairs
from tests.specification import outcome
from tests.unit.booking import test_booking_pairs, test_private_link_pairs

FILE = Path(__file__).parents[1] / "docs" / "states.md"
DRAWN: Mapping[str, Pairs] = {
    "A booking": test_booking_pairs.PAIRS,
    "A private link": test_private_link_pairs.PAIRS,
}
OPENING = """\
# States

What becomes of a booking and of a private link. Generated from the tables that the tests hold
against the deciders: change a table, then run `make generate`.

An arrow is a command that causes events: `command / events`. The table below each diagram has all
commands: `-` is accepted and changes nothing, a word in italics is the refusal.
"""


@dataclass(frozen=True, slots=True)
class Arrow:
    """What leads from one state to another."""

    source: str
    target: str
    events: tuple[str, ...]


def text() -> str:
    """Return the whole document."""
    return OPENING + "".join(f"\n## {what}\n\n{diagram(pairs)}" for what, pairs in DRAWN.items())


def diagram(pairs: Pairs) -> str:
    """Return the Mermaid diagram of a table and the table itself."""
    lines = ["```mermaid", "stateDiagram-v2"]
    first = next(iter(pairs.states))
    lines += [
        f"    state {state!r} as {name_in_diagram(state)}".replace("'", '"')
        for state in pairs.states
    ]
    lines.append(f"    [*] --> {name_in_diagram(first)}")
    for arrow, commands in _arrows(pairs).items():
        words = f"{' or '.join(commands)} / {', '.join(arrow.events)}"
        lines.append(
            f"    {name_in_diagram(arrow.source)} --> {name_in_diagram(arrow.target)}: {words}"
        )
    return "\n".join([*lines, "```", "", *_table(pairs), ""])


def _arrows(pairs: Pairs) -> Mapping[Arrow, list[str]]:
    """Return the arrows, each with all commands that lead along it."""
    found: dict[Arrow, list[str]] = {}
    for state, row in pairs.table.items():
        for command, cell in row.items():
            if isinstance(cell, list) and cell:
                events = tuple(kind.__name__ for kind in cell)
                arrow = Arrow(state, _after(pairs, state, command), events)
                found.setdefault(arrow, []).append(command)
    return found


def _after(pairs: Pairs, state: str, command: str) -> str:
    """Return the name of the state that the command leads to.

    It is the one that equals the new state, or else the one of its kind whose row in the table is
    closest to what the new state answers: their data may differ, a time or a label.
    """
    decider = pairs.decider
    folded = decider.fold(pairs.states[state])
    events = decider.decide(folded, pairs.commands[command])
    new = decider.fold([*pairs.states[state], *events])
    known = {name: decider.fold(history) for name, history in pairs.states.items()}
    for name, each in known.items():
        if each == new:
            return name
    answers = {name: outcome(decider, new, pairs.commands[name]) for name in pairs.commands}
    alike = {
        name: sum(answers[each] == pairs.table[name][each] for each in pairs.commands)
        for name in known
        if type(known[name]) is type(new)
    }
    return max(alike, key=alike.__getitem__)


def _table(pairs: Pairs) -> Iterator[str]:
    yield f"| | {' | '.join(pairs.states)} |"
    yield "|---" * (len(pairs.states) + 1) + "|"
    for command in pairs.commands:
        cells = (_words(pairs.table[state][command]) for state in pairs.states)
        yield f"| {command} | {' | '.join(cells)} |"


def _words(cell: Cell) -> str:
    if isinstance(cell, list):
        return ", ".join(kind.__name__ for kind in cell) or "-"
    return f"*{cell.__name__}*"


def name_in_diagram(state: str) -> str:
    """Return the state's name as Mermaid takes one."""
    return "".join(letter if letter.isalnum() else "_" for letter in state)


if __name__ == "__main__":
    FILE.write_text(text())
