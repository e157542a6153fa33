"""Every change of policy with who made it and why: the stored events, oldest first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Uuid

from services.chassis.events.codec import Codec
from services.chassis.events.streams import AnyStream
from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared
from services.chassis.postgres.tables import events
from services.policy.domain.organization import OrganizationPolicyChanged, SharingPolicyChanged
from services.policy.domain.settings import OrganizationSettings, SharingPolicy, UserSettings
from services.policy.domain.user import UserPolicyChanged

CHANGES = (OrganizationPolicyChanged, SharingPolicyChanged, UserPolicyChanged)
_CODEC = Codec(*CHANGES)
_TYPES = [kind.__name__ for kind in CHANGES]
What = Literal["organization", "user", "sharing_policy"]
Settings = OrganizationSettings | UserSettings | SharingPolicy

_SELECT = select(
    events.c.id,
    events.c.type,
    events.c.time,
    cast(events.c.data, Text).label("data"),
).where(events.c.type == func.any(bindparam("types", type_=ARRAY(Text))))
_ONE = prepared(_SELECT.where(events.c.id == bindparam("id", type_=Uuid)))
_IMPORTED = prepared(
    _SELECT.where(events.c.id > bindparam("cursor", type_=Uuid))
    .where(events.c.metadata["correlation_id"].astext == bindparam("import_id", type_=Text))
    .order_by(events.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_SINCE = prepared(
    _SELECT.where(events.c.stream == bindparam("stream", type_=Text))
    .where(events.c.version > bindparam("version", type_=Integer))
    .order_by(events.c.version)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One change; `user_id` is None for one that holds for everybody."""

    id: UUID
    time: datetime
    what: What
    user_id: UUID | None
    by: str
    reason: str
    before: Settings | None
    after: Settings


async def change_of(connection: Connection, id_: UUID) -> AuditRecord | None:
    """Return the change with that id, or None."""
    row = await fetch_one(connection, _ONE, types=_TYPES, id=id_)
    return _record(row) if row else None


async def changes_of_import(
    connection: Connection, import_id: str, cursor: UUID, limit: int
) -> list[AuditRecord]:
    """Return the changes of users whose requests had that correlation id, after the cursor."""
    only = UserPolicyChanged.__name__
    values = {"import_id": import_id, "cursor": cursor, "limit": limit}
    return [_record(row) for row in await fetch(connection, _IMPORTED, types=[only], **values)]


async def changes_since(
    connection: Connection, stream: AnyStream, version: int, limit: int = 20
) -> Sequence[AuditRecord]:
    """Return what has changed in the stream since that version, oldest first."""
    values = {"stream": stream.name, "version": version, "limit": limit}
    return [_record(row) for row in await fetch(connection, _SINCE, types=_TYPES, **values)]


def settings_in(type_: str, data: Mapping[str, Any]) -> tuple[Settings | None, Settings | None]:
    """Return the settings before and after a stored change; none of a type that has none."""
    if type_ not in _TYPES:
        return None, None
    event = _CODEC.decode(type_, json.dumps(data))
    assert isinstance(event, CHANGES)
    return event.before, event.after


def _record(row: Row) -> AuditRecord:
    event = _CODEC.decode(row["type"], row["data"])
    assert isinstance(event, CHANGES)
    what: What
    match event:
        case OrganizationPolicyChanged():
            what = "organization"
        case SharingPolicyChanged():
            what = "sharing_policy"
        case _:
            what = "user"
    return AuditRecord(
        id=row["id"],
        time=row["time"],
        what=what,
        user_id=event.user_id if isinstance(event, UserPolicyChanged) else None,
        by=event.by,
        reason=event.reason,
        before=event.before,
        after=event.after,
    )
