"""The rule behind an event, found among the decider's own functions: no second table of them.

A rule is a function of the domain that takes a command and returns events; what it takes and
returns says for which state, command and event it is, its first line says what it does.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from services.booking.domain import booking

STATES = frozenset(get_args(booking.State))
COMMANDS = frozenset(get_args(booking.Command))
EVENTS = frozenset(get_args(booking.Event))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule is for; without states it is for each."""

    name: str
    text: str
    states: frozenset[type[Any]]
    commands: frozenset[type[Any]]
    events: frozenset[type[Any]]


def rule_of(
    state: booking.State,
    event: booking.Event,
    command: str | None,
    together: Collection[type[Any]] = (),
) -> Rule | None:
    """Return the rule that allowed the event in that state.

    Events of earlier versions do not name their command: then it is the one rule that returns all
    the events that were stored together, or None where there are several.
    """
    possible = [rule for rule in rules() if type(event) in rule.events]
    possible = [rule for rule in possible if type(state) in rule.states] or [
        rule for rule in possible if not rule.states
    ]
    whole = [rule for rule in possible if frozenset(together) <= rule.events]
    if command is None:
        return whole[0] if len(whole) == 1 else None
    # A command may be carried out by the rule of another one: to withdraw ends a request.
    named = [rule for rule in possible if command in {each.__name__ for each in rule.commands}]
    return min(named or whole, key=lambda rule: (len(rule.events), rule.name), default=None)


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules of the decider."""
    return tuple(
        rule
        for module in pkgutil.iter_modules(booking.__path__, f"{booking.__name__}.")
        if not module.name.endswith(".decider")
        for rule in _in_module(module.name)
    )


def _in_module(name: str) -> Iterator[Rule]:
    for function in vars(importlib.import_module(name)).values():
        if not inspect.isfunction(function) or function.__module__ != name:
            continue
        if function.__name__.startswith("_"):
            continue  # a part of a rule
        hints = get_type_hints(function)
        returned = _kinds(hints.pop("return", None))
        taken = frozenset(kind for hint in hints.values() for kind in _kinds(hint))
        if taken & COMMANDS and returned & EVENTS:
            yield Rule(
                name=f"{name.rpartition('.')[2]}.{function.__name__}",
                text=_said(function),
                states=taken & STATES,
                commands=taken & COMMANDS,
                events=returned & EVENTS,
            )


def _kinds(hint: Any) -> frozenset[Any]:
    """Return the classes in an annotation, those in unions and sequences too."""
    arguments = get_args(hint)
    inside = frozenset(kind for each in arguments for kind in _kinds(each))
    return inside | ({hint} if not arguments and isinstance(hint, type) else frozenset())


def _said(function: Any) -> str:
    first = (inspect.getdoc(function) or "").partition("\n")[0]
    return f"{first.partition('; raise')[0].rstrip('.')}."
