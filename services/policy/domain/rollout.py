"""That a version of the policy has reached every user who was known: a stream of its own.

It is not on the organization's stream, whose version administrators name when they change it.
"""

from dataclasses import dataclass

from services.chassis.events.decider import Decider


@dataclass(frozen=True, slots=True)
class FinishRollout:
    """Every user is decided by that version of the policy."""

    policy_version: int


@dataclass(frozen=True, slots=True)
class PolicyApplied:
    policy_version: int


Command = FinishRollout
Event = PolicyApplied
State = int


def decide(state: State, command: Command) -> list[Event]:
    """Return the event that the command causes; none if that version or a later one is applied."""
    return [] if command.policy_version <= state else [PolicyApplied(command.policy_version)]


def evolve(state: State, event: Event) -> State:
    """Return the newest version that is applied."""
    return max(state, event.policy_version)


DECIDER: Decider[State, Command, Event] = Decider(0, decide, evolve)
