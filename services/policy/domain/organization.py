"""The organization's policy: what holds for everybody, and every change of it with its reason."""

from dataclasses import dataclass, replace
from typing import TypedDict

from services.chassis.events.decider import Decider
from services.policy.domain.access import Mode, OrganizationSettings
from services.policy.domain.refusals import ReasonMissing


class OrganizationPatch(TypedDict, total=False):
    """The settings to change; those left out stay, `None` empties one."""

    ews_enabled: bool | None
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrganizationPolicy:
    patch: OrganizationPatch
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPolicyChanged:
    before: OrganizationSettings
    after: OrganizationSettings
    by: str
    reason: str


Command = ChangeOrganizationPolicy
Event = OrganizationPolicyChanged
State = OrganizationSettings


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    after = replace(state, **command.patch)
    if after == state:
        return []  # asked again for what already is: nothing happens
    if not command.reason.strip():
        raise ReasonMissing
    return [
        OrganizationPolicyChanged(before=state, after=after, by=command.by, reason=command.reason)
    ]


def evolve(state: State, event: Event) -> State:
    """Return the settings after the event."""
    return event.after


DECIDER: Decider[State, Command, Event] = Decider(OrganizationSettings(), decide, evolve)
