"""Creating, changing and deleting provisioned users; each change of an account is audited."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.chassis.http.problems import Problem
from services.chassis.ids import person_id
from services.chassis.postgres.database import Connection
from services.policy.commands import change_users
from services.policy.directory.entries import Description, key_of
from services.policy.directory.provisioned import ProvisionedUser, provisioned_user
from services.policy.directory.records import entries_of, entry_named, erase, keep, lock_names
from services.policy.domain.user import ChangeUserPolicy
from services.policy.parts import Parts
from services.policy.scim.drafts import Draft
from services.policy.scim.faults import missing, refused, taken

BY = "scim"
REASON = "SCIM"
# Raises where the version that was found is not the one that the client has read.
Precondition = Callable[[ProvisionedUser], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A user as the client wants them."""

    id: UUID
    user_name: str
    external_id: str | None
    display_name: str | None
    mail: str | None
    active: bool


def wanted_of(parts: Parts, draft: Draft) -> Wanted:
    """Return the user that is to be created; raise `invalidValue` without what names them."""
    user_name = draft.user_name
    if user_name is None:
        raise refused("invalidValue", "userName must be given.")
    identity = draft.external_id if parts.provisioning.identity == "externalId" else user_name
    if identity is None:
        raise refused("invalidValue", "externalId must be given: it names the person here.")
    return Wanted(
        id=person_id(parts.organization_namespace, identity),
        user_name=user_name,
        external_id=draft.external_id,
        display_name=draft.display_name,
        mail=draft.mail,
        active=draft.active is not False,
    )


async def create_user(connection: Connection, wanted: Wanted) -> ProvisionedUser:
    """Create the user, or take over one who is known from elsewhere; raise `uniqueness`."""
    await lock_names(connection)
    known = (await entries_of(connection, [wanted.id])).get(wanted.id)
    if known is not None and known.source == "scim":
        raise taken("There is a user of that name already.")
    return await _save(connection, None, wanted)


async def change_user(
    connection: Connection,
    user_id: UUID,
    change: Callable[[Draft], Draft],
    identity: str,
    allowed: Precondition,
) -> ProvisionedUser:
    """Change the user as `change` changes their draft; nothing changes where it raises."""
    await lock_names(connection)
    before = await provisioned_user(connection, user_id)
    if before is None:
        raise missing()
    allowed(before)
    after = _changed(before, change(_draft(before)), identity)
    return before if after == _wanted(before) else await _save(connection, before, after)


async def delete_user(connection: Connection, user_id: UUID, allowed: Precondition) -> None:
    """Switch the user's account off, and forget who they were."""
    await lock_names(connection)
    before = await provisioned_user(connection, user_id)
    if before is None:
        raise missing()
    allowed(before)
    await _switch(connection, user_id, active=False)
    await erase(connection, user_id)


async def _save(
    connection: Connection, before: ProvisionedUser | None, after: Wanted
) -> ProvisionedUser:
    named = await entry_named(connection, after.user_name)
    if named is not None and named.id != after.id:
        raise taken("There is a user of that name already.")
    if before is None or before.active != after.active:
        await _switch(connection, after.id, active=after.active)
    said = Description(
        id=after.id,
        source="scim",
        user_name=after.user_name,
        display_name=after.display_name,
        mail=after.mail,
        external_id=after.external_id,
    )
    await keep(connection, said)
    saved = await provisioned_user(connection, after.id)
    assert saved is not None
    return saved


async def _switch(connection: Connection, user_id: UUID, *, active: bool) -> None:
    command = ChangeUserPolicy(user_id=user_id, patch={"active": active}, by=BY, reason=REASON)
    await change_users(connection, [command])


def _changed(before: ProvisionedUser, draft: Draft, identity: str) -> Wanted:
    """Return the user after a change; raise where it would make another person of them."""
    kept = _wanted(before)
    name, external_id = draft.user_name, draft.external_id
    if name is None:
        raise refused("invalidValue", "userName must be given.")
    if identity == "userName":
        if key_of(name) != key_of(kept.user_name):
            raise _fixed("userName")
        name = kept.user_name  # as it was first: the person's id is made of it
    elif external_id != kept.external_id:
        raise _fixed("externalId")
    return Wanted(
        id=kept.id,
        user_name=name,
        external_id=external_id,
        display_name=draft.display_name,
        mail=draft.mail,
        active=kept.active if draft.active is None else draft.active,
    )


def _fixed(name: str) -> Problem:
    detail = f"{name} names the person here and cannot change; delete the user and create another."
    return refused("mutability", detail)


def _wanted(found: ProvisionedUser) -> Wanted:
    entry = found.entry
    return Wanted(
        id=entry.id,
        user_name=entry.user_name or "",
        external_id=entry.external_id,
        display_name=entry.display_name,
        mail=entry.mail,
        active=found.active,
    )


def _draft(found: ProvisionedUser) -> Draft:
    entry = found.entry
    return Draft(
        user_name=entry.user_name,
        external_id=entry.external_id,
        display_name=entry.display_name,
        mail=entry.mail,
        active=found.active,
    )
