"""What a change would do before it is made: who would gain or lose access, and what it warns of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.chassis.postgres.database import Connection
from services.policy.commands import refuse_unknown_sharing
from services.policy.domain import organization
from services.policy.domain.access import effective
from services.policy.domain.organization import ChangeOrganizationPolicy, ChangeSharingPolicy
from services.policy.domain.refusals import about
from services.policy.domain.settings import (
    OrganizationSettings,
    Policy,
    SharingPolicy,
    UserSettings,
)
from services.policy.domain.user import ChangeUserPolicy
from services.policy.domain.warnings import Warned, warning_of_lockout, warnings_of
from services.policy.queries import Group, groups_of_users, users_of_groups
from services.policy.store import ORGANIZATION, USER, store

FIRST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """How many users gain and lose access and how many then have it; the first of each by id."""

    gains: int
    losses: int
    remaining: int
    gaining: Sequence[UUID]
    losing: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change would do to things as they are at these versions.

    Of an import there is no one before and after.
    """

    policy_version: int
    user_versions: dict[UUID, int]
    before: OrganizationSettings | UserSettings | SharingPolicy | None
    after: OrganizationSettings | UserSettings | SharingPolicy | None
    effect: Effect
    warnings: Sequence[Warned]


async def preview_organization(
    connection: Connection, command: organization.Command, expected: int | None = None
) -> Preview:
    """Return what the change of the policy for everybody would do; nothing is locked."""
    stream = ORGANIZATION.stream()
    current = (await store.load(connection, stream)).get(stream)
    changed = current.decide(command).expecting(expected)
    before, after = current.state, changed.after.state
    groups = await groups_of_users(connection)
    effect = await _effect(connection, groups, before, after)
    old, new = _shown(before, command), _shown(after, command)
    warned: list[Warned] = []
    if changed.events and isinstance(command, ChangeOrganizationPolicy):
        application = after.settings.application_id
        warned += warnings_of(before.settings, after.settings, command.patch, application)
    if changed.events:
        warned += warning_of_lockout(
            before, after, losing=effect.losses, remaining=effect.remaining
        )
    return Preview(
        policy_version=current.version,
        user_versions={},
        before=old,
        after=new,
        effect=effect,
        warnings=warned,
    )


async def preview_users(
    connection: Connection, commands: Sequence[ChangeUserPolicy], expected: int | None = None
) -> Preview:
    """Return what the changes of users, each named once, would do; nothing is locked."""
    streams = [USER.stream(command.user_id) for command in commands]
    loaded = await store.load(connection, ORGANIZATION.stream(), *streams)
    policy = loaded.get(ORGANIZATION.stream())
    application = policy.state.settings.application_id
    before_after: list[tuple[UUID, UserSettings, UserSettings]] = []
    warned: dict[Warned, None] = {}
    for command, stream in zip(commands, streams, strict=True):
        with about(command.user_id):
            refuse_unknown_sharing(policy.state, command)
            changed = loaded.get(stream).decide(command).expecting(expected)
        old, new = changed.aggregate.state.settings, changed.after.state.settings
        before_after.append((command.user_id, old, new))
        if changed.events:
            warned |= dict.fromkeys(warnings_of(old, new, command.patch, application))
    only = before_after[0] if len(before_after) == 1 else None
    return Preview(
        policy_version=policy.version,
        user_versions={
            command.user_id: loaded.get(stream).version
            for command, stream in zip(commands, streams, strict=True)
        },
        before=only[1] if only else None,
        after=only[2] if only else None,
        effect=_effect_on_users(policy.state, before_after),
        warnings=list(warned),
    )


async def _effect(
    connection: Connection, groups: Iterable[Group], before: Policy, after: Policy
) -> Effect:
    """Judge each group once, by the policy before and after: few settings are each user's own."""
    gaining, losing, remaining = [], [], 0
    for group in groups:
        was, will = (effective(policy, group.settings).enabled for policy in (before, after))
        remaining += group.users if will else 0
        if will and not was:
            gaining.append(group)
        elif was and not will:
            losing.append(group)
    return Effect(
        gains=sum(group.users for group in gaining),
        losses=sum(group.users for group in losing),
        remaining=remaining,
        gaining=await users_of_groups(connection, gaining, FIRST) if gaining else (),
        losing=await users_of_groups(connection, losing, FIRST) if losing else (),
    )


def _effect_on_users(
    policy: Policy, users: Sequence[tuple[UUID, UserSettings, UserSettings]]
) -> Effect:
    judged = sorted(
        (id_, effective(policy, old).enabled, effective(policy, new).enabled)
        for id_, old, new in users
    )
    gaining = [id_ for id_, was, will in judged if will and not was]
    losing = [id_ for id_, was, will in judged if was and not will]
    return Effect(
        gains=len(gaining),
        losses=len(losing),
        remaining=sum(will for _, _, will in judged),
        gaining=gaining[:FIRST],
        losing=losing[:FIRST],
    )


def _shown(
    policy: Policy, command: organization.Command
) -> OrganizationSettings | SharingPolicy | None:
    match command:
        case ChangeSharingPolicy(name=name):
            return policy.sharing_policy(name)
        case _:
            return policy.settings
