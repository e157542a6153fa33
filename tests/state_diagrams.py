"""`python -m tests.state_diagrams` writes docs/states.md from the deciders' decision tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.decision_table import Cell, DecisionTable
from tests.specification import outcome
from tests.unit.booking import test_booking_table, test_offer, test_private_link_table

FILE = Path(__file__).parents[1] / "docs" / "states.md"
DRAWN: Mapping[str, DecisionTable] = {
    "A booking": test_booking_table.DECISIONS,
    "A private link": test_private_link_table.DECISIONS,
    "An offer": test_offer.DECISIONS,
}
OPENING = """\
# States

What becomes of a booking, of a private link and of an offer. Generated from the tables that the
tests hold against the deciders: change a table, then run `make generate`.

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
    return OPENING + "".join(
        f"\n## {what}\n\n{diagram(decisions)}" for what, decisions in DRAWN.items()
    )


def diagram(decisions: DecisionTable) -> str:
    """Return the Mermaid diagram of a table and the table itself."""
    lines = ["```mermaid", "stateDiagram-v2"]
    first = next(iter(decisions.states))
    lines += [
        f"    state {state!r} as {name_in_diagram(state)}".replace("'", '"')
        for state in decisions.states
    ]
    lines.append(f"    [*] --> {name_in_diagram(first)}")
    for arrow, commands in _arrows(decisions).items():
        words = f"{' or '.join(commands)} / {', '.join(arrow.events)}"
        lines.append(
            f"    {name_in_diagram(arrow.source)} --> {name_in_diagram(arrow.target)}: {words}"
        )
    return "\n".join([*lines, "```", "", *_table(decisions), ""])


def _arrows(decisions: DecisionTable) -> Mapping[Arrow, list[str]]:
    """Return the arrows, each with all commands that lead along it."""
    found: dict[Arrow, list[str]] = {}
    for state, row in decisions.table.items():
        for command, cell in row.items():
            if isinstance(cell, list) and cell:
                events = tuple(kind.__name__ for kind in cell)
                arrow = Arrow(state, _after(decisions, state, command), events)
                found.setdefault(arrow, []).append(command)
    return found


def _after(decisions: DecisionTable, state: str, command: str) -> str:
    """Return the name of the state that the command leads to.

    It is the one that equals the new state, or else the one of its kind whose row in the table is
    closest to what the new state answers: their data may differ, a time or a label.
    """
    decider = decisions.decider
    folded = decider.fold(decisions.states[state])
    events = decider.decide(folded, decisions.commands[command])
    new = decider.fold([*decisions.states[state], *events])
    known = {name: decider.fold(history) for name, history in decisions.states.items()}
    for name, each in known.items():
        if each == new:
            return name
    answers = {name: outcome(decider, new, decisions.commands[name]) for name in decisions.commands}
    alike = {
        name: sum(answers[each] == decisions.table[name][each] for each in decisions.commands)
        for name in known
        if type(known[name]) is type(new)
    }
    return max(alike, key=alike.__getitem__)


def _table(decisions: DecisionTable) -> Iterator[str]:
    yield f"| | {' | '.join(decisions.states)} |"
    yield "|---" * (len(decisions.states) + 1) + "|"
    for command in decisions.commands:
        cells = (_words(decisions.table[state][command]) for state in decisions.states)
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
