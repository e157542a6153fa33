"""A decider's decision table: what each command comes to in each state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args

from services.chassis.events.decider import Decider
from tests.specification import outcome

# The kinds of event that a command causes, or the kind of its refusal.
Cell = list[type] | type[Exception]
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """What each command comes to in each state; a state is given by its events."""

    module: ModuleType
    states: Mapping[str, Sequence[Any]]
    commands: Mapping[str, Any]
    table: Mapping[str, Row]

    @property
    def decider(self) -> Decider[Any, Any, Any]:
        decider: Decider[Any, Any, Any] = self.module.DECIDER
        return decider

    def all(self) -> list[tuple[str, str]]:
        """Return every pair, by name."""
        return [(state, command) for state in self.states for command in self.commands]

    def check(self, state: str, command: str) -> None:
        """Assert that the command comes to what the table says."""
        folded = self.decider.fold(self.states[state])

        assert self.table[state][command] == outcome(self.decider, folded, self.commands[command])

    def check_complete(self) -> None:
        """Assert that no pair, and no kind of state, command or event, is left out."""
        cells = [cell for row in self.table.values() for cell in row.values()]
        caused = {kind for cell in cells if isinstance(cell, list) for kind in cell}
        states = {type(self.decider.fold(events)) for events in self.states.values()}

        assert set(self.all()) == {(s, c) for s, row in self.table.items() for c in row}
        assert set(get_args(self.module.State)) == states
        assert set(get_args(self.module.Command)) == {type(c) for c in self.commands.values()}
        assert set(get_args(self.module.Event)) == caused
