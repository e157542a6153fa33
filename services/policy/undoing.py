"""Undoing a change: what it altered is as before again, unless a later change has altered it."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from uuid import UUID

from services.chassis.postgres.database import Connection
from services.policy import schemas
from services.policy.asked import BODIES, Asked
from services.policy.audit import AuditRecord, change_of
from services.policy.commands import load_organization, load_user
from services.policy.domain.refusals import Conflict, NotFound
from services.policy.domain.settings import Licence, SharingPolicy


async def ask_undone(
    connection: Connection,
    change_id: UUID,
    said: schemas.Consented,
    by: str,
    id_of: Callable[[str], UUID],
) -> Asked:
    """Return the change that undoes the one of that id.

    Raises:
        NotFound: there is no such change.
        Conflict: a later change has altered what this one did.
    """
    record = await change_of(connection, change_id)
    if record is None:
        raise NotFound
    before = record.before
    if before is None:  # a new sharing policy stays, and shares nothing
        assert isinstance(record.after, SharingPolicy)
        before = SharingPolicy(record.after.name, (), enabled=False)
    body_of = BODIES[record.what]
    current = await _current(connection, record)
    names = [each.name for each in fields(before)]
    altered = [name for name in names if getattr(before, name) != getattr(record.after, name)]
    moved = [name for name in altered if getattr(current, name) != getattr(record.after, name)]
    if moved and current != before:
        named = ", ".join(body_of.model_fields[name].alias or name for name in moved)
        raise Conflict(f"A later change has altered what this one did: {named}.")
    body: dict[str, Any] = {name: _sent(getattr(before, name)) for name in altered}
    reason = said.reason or f"Undoes the change {change_id}"
    parsed = body_of.model_validate({**body, "reason": reason, "confirm": said.confirm})
    name = record.user_id or getattr(record.after, "name", None)
    return Asked(record.what, str(name) if name else None, parsed, by, id_of)


async def _current(connection: Connection, record: AuditRecord) -> object:
    if record.user_id is not None:
        return (await load_user(connection, record.user_id)).user.state.settings
    policy = (await load_organization(connection)).state
    if isinstance(record.after, SharingPolicy):
        return policy.sharing_policy(record.after.name)
    return policy.settings


def _sent(value: object) -> object:
    """Return a setting as the API takes it."""
    match value:
        case tuple():
            return list(value)
        case Licence(plan, assigned, enabled):
            return {"plan": plan, "assigned": assigned, "enabled": enabled}
        case _:
            return value
