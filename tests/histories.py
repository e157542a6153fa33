"""Random histories: what a decider writes when people ask for anything in any order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from services.booking.domain.refusals import Refusal
from services.chassis.events.decider import Decider
from tests.builders import NOW

# What is asked for at an instant, and how long after what was asked before it.
Asked = Callable[[datetime], Any]
Story = list[tuple[int, Asked]]
Told = list[tuple[datetime, Any]]

# Parts of what the profile says: 40 and 150, or with `--domain` so few that one can wait for them.
few = settings(max_examples=settings().max_examples * 2 // 5, deadline=None)
many = settings(max_examples=settings().max_examples * 3 // 2, deadline=None)
# Finds the first history and is content with it, however long it is.
_search = settings(max_examples=1500, phases=[Phase.generate], derandomize=True, database=None)


def steps(*asked: SearchStrategy[Asked | tuple[Asked, ...]]) -> SearchStrategy[Story]:
    """Return strategies for single askings, and for those that follow each other, as one list."""
    seconds = st.sampled_from([0, 1, 1, 2, 60, 299, 300, 3600])

    def timed(waits: list[int], asked: Asked | tuple[Asked, ...]) -> Story:
        return list(zip(waits, asked if isinstance(asked, tuple) else (asked,), strict=False))

    waits = st.lists(seconds, min_size=2, max_size=2)
    several = st.lists(st.builds(timed, waits, st.one_of(asked)), min_size=3, max_size=12)
    return several.map(lambda parts: [step for part in parts for step in part])


def tell(decider: Decider[Any, Any, Any], story: Story) -> Told:
    """Ask in turn; return each event with its instant. Asking the same at once writes nothing."""
    state, at, told = decider.initial, NOW, Told()
    for seconds, command_at in story:
        at += timedelta(seconds=seconds)
        command = command_at(at)
        try:
            events = decider.decide(state, command)
        except Refusal:
            continue
        told += [(at, event) for event in events]
        for event in events:
            state = decider.evolve(state, event)
        try:
            again = decider.decide(state, command)
        except Refusal:
            again = []

        assert again == []
    return told


def of_kind(told: Told, *kinds: type) -> list[Any]:
    """Return the events of these kinds, without their instants."""
    return [event for _, event in told if isinstance(event, kinds)]


def is_reached(decider: Decider[Any, Any, Any], stories: SearchStrategy[Story], kind: type) -> bool:
    """Tell whether some history holds the event; nothing is proved about one that none holds."""

    def holds(story: Story) -> bool:
        return bool(of_kind(tell(decider, story), kind))

    return bool(find(stories, holds, settings=_search))


def any_events(union: Any) -> SearchStrategy[list[Any]]:
    """Return events in any order and with any content, as no decider would write them."""
    return st.lists(st.one_of(*map(st.from_type, get_args(union))), max_size=5)
