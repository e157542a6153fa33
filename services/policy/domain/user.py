"""One user under the policy: their own settings, and whether they were last granted access."""

from dataclasses import dataclass, replace
from typing import TypedDict, assert_never
from uuid import UUID

from services.chassis.events.decider import Decider
from services.policy.domain.access import Access, Level, Rule
from services.policy.domain.patching import patched
from services.policy.domain.patterns import ListChange
from services.policy.domain.refusals import ReasonMissing
from services.policy.domain.settings import ApplicationPolicy, Licence, UserSettings


class UserPatch(TypedDict, total=False):
    """The settings to change; those left out stay, `None` empties one."""

    ews_enabled: bool | None
    ews_application_access_policy: ApplicationPolicy | None
    ews_allow_list: ListChange
    ews_block_list: ListChange
    licence: Licence | None
    sharing_policy: str | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUserPolicy:
    user_id: UUID
    patch: UserPatch
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecideAccess:
    """Record what the rules say now; the first decision is always an event."""

    user_id: UUID
    access: Access
    policy_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPolicyChanged:
    user_id: UUID
    before: UserSettings
    after: UserSettings
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted:
    """With the setting that decided, and the version of the policy; of before they are None."""

    user_id: UUID
    rule: Rule
    decided_by: Level
    value: bool | str | None = None
    policy_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessWithdrawn:
    """With the setting that decided, and the version of the policy; of before they are None."""

    user_id: UUID
    rule: Rule
    decided_by: Level
    value: bool | str | None = None
    policy_version: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A user's own settings; `enabled` is `None` until access was first decided."""

    settings: UserSettings
    enabled: bool | None


Command = ChangeUserPolicy | DecideAccess
Event = UserPolicyChanged | AccessGranted | AccessWithdrawn
State = User


def decide(state: State, command: Command) -> list[Event]:
    """Return the events that the command causes; raise if a rule forbids it."""
    match command:
        case ChangeUserPolicy(user_id=user_id, patch=patch, by=by, reason=reason):
            after = patched(state.settings, patch)
            if after == state.settings:
                return []  # asked again for what already is: nothing happens
            if not reason.strip():
                raise ReasonMissing
            return [
                UserPolicyChanged(
                    user_id=user_id, before=state.settings, after=after, by=by, reason=reason
                )
            ]
        case DecideAccess(_, access) if access.enabled == state.enabled:
            return []
        case DecideAccess(user_id, access, policy_version):
            deciding = access.deciding
            event = AccessGranted if access.enabled else AccessWithdrawn
            return [
                event(
                    user_id=user_id,
                    rule=deciding.rule,
                    decided_by=deciding.decided_by,
                    value=deciding.value,
                    policy_version=policy_version,
                )
            ]
        case _:
            assert_never(command)


def evolve(state: State, event: Event) -> State:
    """Return the state after the event; history is never refused."""
    match event:
        case UserPolicyChanged(after=after):
            return replace(state, settings=after)
        case AccessGranted():
            return replace(state, enabled=True)
        case AccessWithdrawn():
            return replace(state, enabled=False)
        case _:
            assert_never(event)


DECIDER: Decider[State, Command, Event] = Decider(User(UserSettings(), None), decide, evolve)
