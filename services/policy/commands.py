"""Policy's commands: change a setting and decide, in the same transaction, whom it affects."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.events.streams import Change
from services.chassis.postgres.database import Connection
from services.policy import queries
from services.policy.domain import organization, user
from services.policy.domain.access import Access, effective
from services.policy.domain.organization import ChangeOrganizationPolicy
from services.policy.domain.user import ChangeUserPolicy, DecideAccess
from services.policy.store import (
    ORGANIZATION,
    USER,
    OrganizationAggregate,
    UserAggregate,
    lock_policy,
    store,
)

UserChange = Change[user.State, user.Command, user.Event]


@dataclass(frozen=True, slots=True)
class UserAccess:
    """A user with their effective access."""

    user: UserAggregate
    access: Access


async def load_organization(connection: Connection) -> OrganizationAggregate:
    """Return the organization's policy."""
    stream = ORGANIZATION.stream()
    return (await store.load(connection, stream)).get(stream)


async def load_user(connection: Connection, user_id: UUID) -> UserAccess:
    """Return the user's policy and effective access; everybody has one."""
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    found = loaded.get(USER.stream(user_id))
    by = loaded.get(ORGANIZATION.stream()).state
    return UserAccess(found, effective(by, found.state.settings))


async def change_organization(
    connection: Connection, command: ChangeOrganizationPolicy, expected: int | None
) -> OrganizationAggregate:
    """Change the organization's policy, and grant or withdraw every user's access by it."""
    await lock_policy(connection)
    stream, ids = ORGANIZATION.stream(), await queries.known_users(connection)
    loaded = await store.load(connection, stream, *map(USER.stream, ids))
    changed = loaded.get(stream).decide(command).expecting(expected)
    await store.append(connection, stream.name, [changed], at=loaded.now)
    for id_ in ids:
        unchanged = loaded.get(USER.stream(id_)).guard()
        await _decide(connection, unchanged, id_, changed.after.state, loaded.now)
    return changed.after


async def change_user(
    connection: Connection, command: ChangeUserPolicy, expected: int | None
) -> UserAccess:
    """Change one user's policy, and grant or withdraw their access by it."""
    await lock_policy(connection)
    user_id = command.user_id
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    changed = loaded.get(USER.stream(user_id)).decide(command).expecting(expected)
    by = loaded.get(ORGANIZATION.stream()).state
    return await _decide(connection, changed, user_id, by, loaded.now)


async def decide_new_user(connection: Connection, user_id: UUID) -> None:
    """Decide a person's access for the first time, if it has not been."""
    await lock_policy(connection)
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    unchanged = loaded.get(USER.stream(user_id)).guard()
    by = loaded.get(ORGANIZATION.stream()).state
    await _decide(connection, unchanged, user_id, by, loaded.now)


async def _decide(
    connection: Connection,
    changed: UserChange,
    user_id: UUID,
    by: organization.State,
    at: datetime,
) -> UserAccess:
    """Append the change and what it makes of the user's access under the organization's policy."""
    access = effective(by, changed.after.state.settings)
    decided = changed.then(DecideAccess(user_id, access))
    await store.append(connection, str(user_id), [decided], at=at)
    return UserAccess(decided.after, access)
