"""The organization's policy: what holds for everybody, and every change of it with its reason.

The sharing policies are on the same stream, so its version is the version of the whole policy.
"""

from dataclasses import dataclass, replace
from typing import TypedDict, assert_never

from services.chassis.events.decider import Decider
from services.policy.domain.access import closes_all
from services.policy.domain.patching import patched
from services.policy.domain.patterns import ListChange
from services.policy.domain.refusals import ReasonMissing, refuse_long
from services.policy.domain.settings import (
    ApplicationPolicy,
    Mode,
    OrganizationSettings,
    Policy,
    SharingMode,
    SharingPolicy,
    key_of,
)


class OrganizationPatch(TypedDict, total=False):
    """The settings to change; those left out stay, `None` empties one."""

    ews_enabled: bool | None
    mode: Mode
    ews_application_access_policy: ApplicationPolicy | None
    ews_allow_list: ListChange
    ews_block_list: ListChange
    application_id: str
    licence_default: bool
    sharing_mode: SharingMode
    bookings_enabled: bool | None


class SharingPatch(TypedDict, total=False):
    """What to change of a sharing policy; what is left out stays."""

    domains: ListChange
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrganizationPolicy:
    patch: OrganizationPatch
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSharingPolicy:
    """Change a sharing policy; one of a new name is made."""

    name: str
    patch: SharingPatch
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationPolicyChanged:
    """`closes_all` is whether nobody may have a page from now on."""

    before: OrganizationSettings
    after: OrganizationSettings
    by: str
    reason: str
    closes_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingPolicyChanged:
    """`before` is None where the sharing policy is new."""

    before: SharingPolicy | None
    after: SharingPolicy
    by: str
    reason: str
    closes_all: bool = False


Command = ChangeOrganizationPolicy | ChangeSharingPolicy
Event = OrganizationPolicyChanged | SharingPolicyChanged
State = Policy


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    event: Event
    match command:
        case ChangeOrganizationPolicy(patch=patch, by=by, reason=reason):
            before = state.settings
            after = patched(before, patch)
            if after == before:
                return []  # asked again for what already is: nothing happens
            event = OrganizationPolicyChanged(before=before, after=after, by=by, reason=reason)
        case ChangeSharingPolicy(name=name, patch=sharing, by=by, reason=reason):
            found = state.sharing_policy(name)
            changed = patched_sharing(found or SharingPolicy(name), sharing)
            if changed == found:
                return []
            event = SharingPolicyChanged(before=found, after=changed, by=by, reason=reason)
        case _:
            assert_never(command)
    if not reason.strip():
        raise ReasonMissing
    return [replace(event, closes_all=closes_all(evolve(state, event)))]


def patched_sharing(policy: SharingPolicy, patch: SharingPatch) -> SharingPolicy:
    """Return the sharing policy after the patch; raise ListTooLong."""
    change = patch.get("domains", ListChange())
    return replace(
        policy,
        domains=refuse_long("domains", change.applied_to(policy.domains)),
        enabled=patch.get("enabled", policy.enabled),
    )


def evolve(state: State, event: Event) -> State:
    """Return the policy after the event; history is never refused."""
    match event:
        case OrganizationPolicyChanged(after=settings):
            return replace(state, settings=settings)
        case SharingPolicyChanged(after=sharing):
            return replace(state, sharing={**state.sharing, key_of(sharing.name): sharing})
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(Policy(), decide, evolve)
