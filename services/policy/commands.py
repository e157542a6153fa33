"""Policy's commands: change a setting, and decide whom it affects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.events.streams import Change
from services.chassis.postgres.database import Connection
from services.policy.domain import organization, user
from services.policy.domain.access import Access, effective
from services.policy.domain.refusals import SharingPolicyUnknown, about
from services.policy.domain.settings import Policy, UserSettings
from services.policy.domain.user import ChangeUserPolicy, DecideAccess
from services.policy.rollout import start_rollout
from services.policy.store import (
    ORGANIZATION,
    USER,
    OrganizationAggregate,
    UserAggregate,
    hold_policy,
    lock_policy,
    store,
)

UserChange = Change[user.State, user.Command, user.Event]


@dataclass(frozen=True, slots=True)
class UserAccess:
    """A user with their effective access, by that version of the policy for everybody."""

    user: UserAggregate
    access: Access
    by: OrganizationAggregate


async def load_organization(connection: Connection) -> OrganizationAggregate:
    """Return the policy for everybody."""
    stream = ORGANIZATION.stream()
    return (await store.load(connection, stream)).get(stream)


async def load_user(connection: Connection, user_id: UUID) -> UserAccess:
    """Return the user's policy and effective access; everybody has one."""
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    found = loaded.get(USER.stream(user_id))
    by = loaded.get(ORGANIZATION.stream())
    return UserAccess(found, effective(by.state, found.state.settings), by)


async def load_users(connection: Connection, user_ids: Sequence[UUID]) -> dict[UUID, UserSettings]:
    """Return the settings of several users."""
    loaded = await store.load(connection, *(USER.stream(id_) for id_ in user_ids))
    return {id_: loaded.get(USER.stream(id_)).state.settings for id_ in user_ids}


async def change_organization(
    connection: Connection, command: organization.Command, expected: int | None
) -> OrganizationAggregate:
    """Change the policy for everybody; the run that decides every user by it begins behind it."""
    await lock_policy(connection)
    stream = ORGANIZATION.stream()
    loaded = await store.load(connection, stream)
    changed = loaded.get(stream).decide(command).expecting(expected)
    after = [start_rollout(changed.after.version, loaded.now)]
    await store.append(connection, stream.name, [changed], at=loaded.now, after=after)
    return changed.after


async def change_users(
    connection: Connection, commands: Sequence[ChangeUserPolicy], expected: int | None = None
) -> list[UserAccess]:
    """Change the policy of several users, all of them or none; each is named once."""
    await hold_policy(connection)
    streams = [USER.stream(command.user_id) for command in commands]
    loaded = await store.load(connection, ORGANIZATION.stream(), *streams)
    by = loaded.get(ORGANIZATION.stream())
    found = {}
    for command, stream in sorted(
        zip(commands, streams, strict=True), key=lambda each: str(each[0].user_id)
    ):
        with about(command.user_id):
            refuse_unknown_sharing(by.state, command)
            changed = loaded.get(stream).decide(command).expecting(expected)
        found[command.user_id] = await _decide(connection, changed, command.user_id, by, loaded.now)
    return [found[command.user_id] for command in commands]


async def decide_new_user(connection: Connection, user_id: UUID) -> None:
    """Decide a person's access for the first time, if it has not been."""
    await hold_policy(connection)
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    unchanged = loaded.get(USER.stream(user_id)).guard()
    await _decide(connection, unchanged, user_id, loaded.get(ORGANIZATION.stream()), loaded.now)


def refuse_unknown_sharing(policy: Policy, command: ChangeUserPolicy) -> None:
    """Raise SharingPolicyUnknown for a user who would have a sharing policy that is not there."""
    name = command.patch.get("sharing_policy")
    if name is not None and policy.sharing_policy(name) is None:
        known = [each.name for each in policy.sharing.values()]
        raise SharingPolicyUnknown(name, known)


async def _decide(
    connection: Connection,
    changed: UserChange,
    user_id: UUID,
    by: OrganizationAggregate,
    at: datetime,
) -> UserAccess:
    """Append the change and what it makes of the user's access under the policy for everybody."""
    access = effective(by.state, changed.after.state.settings)
    decided = changed.then(DecideAccess(user_id, access, by.version))
    await store.append(connection, str(user_id), [decided], at=at)
    return UserAccess(decided.after, access, by)
