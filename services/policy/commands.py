"""Policy's commands: change a setting and decide, in the same transaction, whom it affects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.chassis.events.store import Aggregate, Change, Loaded
from services.chassis.postgres.database import Connection
from services.policy import queries
from services.policy.domain import organization, user
from services.policy.domain.access import Access, effective
from services.policy.domain.organization import ChangeOrganizationPolicy
from services.policy.domain.user import ChangeUserPolicy, DecideAccess
from services.policy.store import ORGANIZATION, USER, one_at_a_time, store

Organization = Aggregate[organization.State, organization.Event]
User = Aggregate[user.State, user.Event]


@dataclass(frozen=True, slots=True)
class Seen:
    """A user with their effective state."""

    user: User
    access: Access


async def load_organization(connection: Connection) -> Organization:
    """Return the organization's policy."""
    return (await store.load(connection, ORGANIZATION.stream())).get(ORGANIZATION)


async def load_user(connection: Connection, user_id: UUID) -> Seen:
    """Return the user's policy and effective state; everybody has one."""
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    held = loaded.get(USER, user_id)
    return Seen(held, effective(loaded.get(ORGANIZATION).state, held.state.settings))


async def change_organization(
    connection: Connection, command: ChangeOrganizationPolicy, expected: int | None
) -> Organization:
    """Change the organization's policy, and grant or withdraw every user's access by it."""
    await one_at_a_time(connection)
    ids = await queries.known_users(connection)
    loaded = await store.load(connection, ORGANIZATION.stream(), *map(USER.stream, ids))
    held = loaded.get(ORGANIZATION)
    events = organization.decide(held.state, command)
    held.must_be_at(expected, events)
    await store.append(connection, ORGANIZATION.stream(), [Change(held, events)], at=loaded.now)
    changed = held.after(ORGANIZATION, events)
    for id_ in ids:
        await _decide(connection, loaded, changed, loaded.get(USER, id_), id_, [])
    return changed


async def change_user(
    connection: Connection, command: ChangeUserPolicy, expected: int | None
) -> Seen:
    """Change one user's policy, and grant or withdraw their access by it."""
    await one_at_a_time(connection)
    user_id = command.user_id
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    held = loaded.get(USER, user_id)
    events = user.decide(held.state, command)
    held.must_be_at(expected, events)
    return await _decide(connection, loaded, loaded.get(ORGANIZATION), held, user_id, events)


async def meet_user(connection: Connection, user_id: UUID) -> None:
    """Decide a person's access for the first time, if it has not been."""
    await one_at_a_time(connection)
    loaded = await store.load(connection, ORGANIZATION.stream(), USER.stream(user_id))
    held = loaded.get(USER, user_id)
    await _decide(connection, loaded, loaded.get(ORGANIZATION), held, user_id, [])


async def _decide(
    connection: Connection,
    loaded: Loaded,
    by: Organization,
    held: User,
    user_id: UUID,
    events: Sequence[Any],
) -> Seen:
    """Append the events and what they make of the user's access."""
    changed = held.after(USER, events)
    access = effective(by.state, changed.state.settings)
    decided = user.decide(changed.state, DecideAccess(user_id, access))
    await store.append(connection, str(user_id), [Change(held, [*events, *decided])], at=loaded.now)
    return Seen(changed.after(USER, decided), access)
