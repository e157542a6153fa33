"""A page of Graph's changes put into policy: accounts and plans as settings, names as rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.chassis.ids import person_id
from services.chassis.postgres.database import Connection
from services.policy.commands import change_users
from services.policy.directory.entries import Description, Entry
from services.policy.directory.graph_state import (
    GraphState,
    graph_state,
    keep_link,
    known_from_graph,
    unseen_since,
)
from services.policy.directory.records import describe, entries_of, erase, lock_names, note_seen
from services.policy.domain.user import ChangeUserPolicy, UserPatch
from services.policy.graph.users import GraphUser, Page, shown

BY = "graph"
REASON = "Microsoft Graph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """How Graph's users are ours; without a plan licences are left alone."""

    tenant: str
    namespace: UUID
    identity: Literal["id", "userPrincipalName"]
    plan: str | None

    def id_of(self, user: GraphUser, known: Mapping[str, UUID]) -> UUID | None:
        """Return the person's id; None for one who is not known and not named."""
        identity = user.id if self.identity == "id" else user.name
        found = known.get(user.id)
        return found or (person_id(self.namespace, identity) if identity else None)


async def apply_page(connection: Connection, mapped: Mapped, began: GraphState, page: Page) -> bool:
    """Put the page into policy, unless another process has; return whether it was this one."""
    await lock_names(connection)
    state = await graph_state(connection, mapped.tenant, take=True)
    if state.link != began.link:
        return False
    known = await known_from_graph(connection, [each.id for each in page.users])
    gone = [each for each in page.users if each.removed and each.id in known]
    told = {
        id_: each
        for each in page.users
        if each.removed is None and (id_ := mapped.id_of(each, known)) is not None
    }
    entries = await entries_of(connection, list(told))
    await _change(connection, [*_commands(mapped, told, entries), *_off(known[g.id] for g in gone)])
    await _describe(connection, told)
    for each in gone:
        if each.removed and each.removed.reason == "deleted":
            await erase(connection, known[each.id])
    if page.is_last and state.began_at is not None:
        await _change(connection, [*_off(await unseen_since(connection, state.began_at))])
    await keep_link(connection, mapped.tenant, page.link, is_last=page.is_last)
    return True


def _commands(
    mapped: Mapped, told: Mapping[UUID, GraphUser], entries: Mapping[UUID, Entry]
) -> Iterable[ChangeUserPolicy]:
    for id_, user in told.items():
        patch: UserPatch = {}
        provisioned = id_ in entries and entries[id_].source == "scim"
        if user.enabled is not None and not provisioned:  # whose account is SCIM's
            patch["active"] = user.enabled
        if mapped.plan and (licence := user.licence(mapped.plan)) is not None:
            patch["licence"] = licence
        yield ChangeUserPolicy(user_id=id_, patch=patch, by=BY, reason=REASON)


def _off(ids: Iterable[UUID]) -> Iterable[ChangeUserPolicy]:
    for id_ in ids:
        yield ChangeUserPolicy(user_id=id_, patch={"active": False}, by=BY, reason=REASON)


async def _change(connection: Connection, commands: Sequence[ChangeUserPolicy]) -> None:
    if commands:
        await change_users(connection, list({each.user_id: each for each in commands}.values()))


async def _describe(connection: Connection, told: Mapping[UUID, GraphUser]) -> None:
    """Keep what is told; the moment of each row says that its user was in this round."""
    said = [
        Description(
            id=id_,
            source="graph",
            user_name=shown(user.name),
            display_name=shown(user.display_name),
            mail=shown(user.mail),
            external_id=user.id,
        )
        for id_, user in told.items()
    ]
    await describe(connection, said)
    await note_seen(connection, [each.id for each in said])
