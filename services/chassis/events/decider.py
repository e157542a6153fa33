"""A decider: the two pure functions of one aggregate type, and the state in which it begins."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

State = TypeVar("State")
Command = TypeVar("Command")
Event = TypeVar("Event")


@dataclass(frozen=True, slots=True)
class Decider(Generic[State, Command, Event]):
    """`decide` returns the events that a command causes, or raises; `evolve` never refuses."""

    initial: State
    decide: Callable[[State, Command], Sequence[Event]]
    evolve: Callable[[State, Event], State]

    def fold(self, events: Iterable[Event]) -> State:
        """Return the state after the events, from the beginning."""
        return self.fold_from(self.initial, events)

    def fold_from(self, state: State, events: Iterable[Event]) -> State:
        """Return the state after more events."""
        return reduce(self.evolve, events, state)
