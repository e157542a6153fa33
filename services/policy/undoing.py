"""Undoing a change: what it altered is as before again, unless a later change has altered it."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection
from services.policy import answers, schemas
from services.policy.asked import BODIES, Asked
from services.policy.audit import AuditRecord, change_of, changes_of_import
from services.policy.commands import load_organization, load_user, load_users
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
    body, moved = _as_before(before, record.after, await _current(connection, record))
    if moved:
        named = ", ".join(_shown(body_of, moved))
        raise Conflict(f"A later change has altered what this one did: {named}.")
    reason = said.reason or f"Undoes the change {change_id}"
    parsed = body_of.model_validate({**body, "reason": reason, "confirm": said.confirm})
    name = record.user_id or getattr(record.after, "name", None)
    return Asked(record.what, str(name) if name else None, parsed, by, id_of)


async def ask_import_undone(
    connection: Connection,
    import_id: str,
    cursor: UUID,
    said: schemas.Consented,
    by: str,
    id_of: Callable[[str], UUID],
) -> tuple[Asked | None, list[answers.Kept], str | None]:
    """Return what undoes the import's next users, who of them stays, and where to go on.

    Raises:
        NotFound: there is no such import.
    """
    most = schemas.MOST_IMPORTED
    records = await changes_of_import(connection, import_id, cursor, most + 1)
    if not records and cursor == FIRST:
        raise NotFound
    next_cursor = str(records[most - 1].id) if len(records) > most else None
    loaded = await load_users(connection, [id_ for each in records if (id_ := each.user_id)])
    rows: list[dict[str, Any]] = []
    kept: list[answers.Kept] = []
    for record in records[:most]:
        assert record.user_id is not None
        body, moved = _as_before(record.before, record.after, loaded[record.user_id])
        if moved:
            shown = _shown(schemas.ImportedUser, moved)
            kept.append(answers.Kept(user_id=record.user_id, settings=shown))
        else:
            rows.append({"user": str(record.user_id), **body})
    if not rows:
        return None, kept, next_cursor
    reason = said.reason or f"Undoes the import {import_id}"
    parsed = schemas.Import.model_validate(
        {"users": rows, "reason": reason, "confirm": said.confirm}
    )
    return Asked("users", None, parsed, by, id_of), kept, next_cursor


def _as_before(before: Any, after: Any, current: object) -> tuple[dict[str, Any], list[str]]:
    """Return the settings to send, and those that a later change has altered."""
    names = [each.name for each in fields(before)]
    altered = [name for name in names if getattr(before, name) != getattr(after, name)]
    moved = [name for name in altered if getattr(current, name) != getattr(after, name)]
    body = {name: _sent(getattr(before, name)) for name in altered}
    return body, moved if current != before else []


def _shown(body_of: type[BaseModel], names: list[str]) -> list[str]:
    return [body_of.model_fields[name].alias or name for name in names]


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
