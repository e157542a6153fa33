"""Given, when, then: how the tests describe what a decider does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.chassis.events.decider import Decider

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")
R = TypeVar("R", bound=Exception)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[C, E]):
    """What a command came to: events, or the exception that refused it."""

    command: C
    events: list[E] | None
    refusal: Exception | None

    def then(self, *expected: E) -> None:
        """Assert that exactly these events happened; none at all when none are named."""
        if self.refusal is not None:
            raise AssertionError(f"{self.command} was refused") from self.refusal

        assert list(expected) == self.events

    def refused(self, kind: type[R]) -> R:
        """Assert that the command was refused in this way, and return the refusal."""
        assert self.refusal is not None, f"{self.command} was not refused: {self.events}"
        assert kind is type(self.refusal)
        assert isinstance(self.refusal, kind)
        return self.refusal


@dataclass(frozen=True, slots=True)
class History(Generic[S, C, E]):
    """A decider with what has happened so far."""

    decider: Decider[S, C, E]
    events: tuple[E, ...]

    def when(self, command: C) -> Outcome[C, E]:
        """Decide the command after these events."""
        try:
            decided = self.decider.decide(self.decider.fold(self.events), command)
        except Exception as refusal:
            return Outcome(command, None, refusal)
        return Outcome(command, list(decided), None)


def specification(decider: Decider[S, C, E]) -> Callable[..., History[S, C, E]]:
    """Return `given`, which begins a sentence about the decider with what has happened."""

    def given(*events: E) -> History[S, C, E]:
        return History(decider, events)

    return given


def outcome(decider: Decider[S, C, E], state: S, command: C) -> list[type] | type[Exception]:
    """Return the kinds of event that the command causes, or the kind of its refusal."""
    try:
        return [type(event) for event in decider.decide(state, command)]
    except Exception as refusal:
        return type(refusal)
