"""Random histories: the events that a decider returns for random commands in any order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from services.booking.domain.refusals import Refusal
from services.chassis.events.decider import Decider
from tests.builders import NOW

# A command made for an instant; and commands with the seconds that pass before each.
CommandAt = Callable[[datetime], Any]
TimedCommands = list[tuple[int, CommandAt]]
TimedEvents = list[tuple[datetime, Any]]

# 40 and 150 examples, or fewer with `--domain`, whose profile has fewer.
few = settings(max_examples=settings().max_examples * 2 // 5, deadline=None)
many = settings(max_examples=settings().max_examples * 3 // 2, deadline=None)
# Stops at the first history that it finds and does not shorten it.
_search = settings(max_examples=1500, phases=[Phase.generate], derandomize=True, database=None)


def steps(
    *asked: SearchStrategy[CommandAt | tuple[CommandAt, ...]],
) -> SearchStrategy[TimedCommands]:
    """Return a strategy of command lists; a tuple is several commands that follow each other."""
    seconds = st.sampled_from([0, 1, 1, 2, 60, 299, 300, 3600])

    def timed(waits: list[int], asked: CommandAt | tuple[CommandAt, ...]) -> TimedCommands:
        return list(zip(waits, asked if isinstance(asked, tuple) else (asked,), strict=False))

    waits = st.lists(seconds, min_size=2, max_size=2)
    several = st.lists(st.builds(timed, waits, st.one_of(asked)), min_size=3, max_size=12)
    return several.map(lambda parts: [step for part in parts for step in part])


def run_commands(decider: Decider[Any, Any, Any], commands: TimedCommands) -> TimedEvents:
    """Decide each command; return each event with its instant.

    The same command again at the same instant must add no event.
    """
    state, at, happened = decider.initial, NOW, TimedEvents()
    for seconds, command_at in commands:
        at += timedelta(seconds=seconds)
        command = command_at(at)
        try:
            events = decider.decide(state, command)
        except Refusal:
            continue
        happened += [(at, event) for event in events]
        for event in events:
            state = decider.evolve(state, event)
        try:
            again = decider.decide(state, command)
        except Refusal:
            again = []

        assert again == []
    return happened


def of_kind(happened: TimedEvents, *kinds: type) -> list[Any]:
    """Return the events of these kinds, without their instants."""
    return [event for _, event in happened if isinstance(event, kinds)]


def is_reached(
    decider: Decider[Any, Any, Any], sequences: SearchStrategy[TimedCommands], kind: type
) -> bool:
    """Tell whether some history has the event; no test proves anything about one that none has."""

    def holds(commands: TimedCommands) -> bool:
        return bool(of_kind(run_commands(decider, commands), kind))

    return bool(find(sequences, holds, settings=_search))


def any_events(union: Any) -> SearchStrategy[list[Any]]:
    """Return events in any order and with any content, as no decider would write them."""
    return st.lists(st.one_of(*map(st.from_type, get_args(union))), max_size=5)
