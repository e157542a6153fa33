"""Every change of policy with who made it and why: the stored events, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Uuid

from services.chassis.events.codec import Codec
from services.chassis.postgres.database import Connection, Row, fetch, prepared
from services.chassis.postgres.tables import events
from services.policy.domain.access import OrganizationSettings, UserSettings
from services.policy.domain.organization import OrganizationPolicyChanged
from services.policy.domain.user import UserPolicyChanged

CHANGES = (OrganizationPolicyChanged, UserPolicyChanged)
_CODEC = Codec(*CHANGES)

_CHANGES = prepared(
    select(events.c.id, events.c.type, events.c.time, cast(events.c.data, Text).label("data"))
    .where(events.c.type == func.any(bindparam("types", type_=ARRAY(Text))))
    .where(events.c.id > bindparam("cursor", type_=Uuid))
    .order_by(events.c.id)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One change; `user_id` is None for one of the organization."""

    id: UUID
    time: datetime
    user_id: UUID | None
    by: str
    reason: str
    before: OrganizationSettings | UserSettings
    after: OrganizationSettings | UserSettings


async def changes_after(connection: Connection, cursor: UUID, limit: int) -> list[AuditRecord]:
    """Return the changes after the cursor, oldest first."""
    types = [kind.__name__ for kind in CHANGES]
    rows = await fetch(connection, _CHANGES, types=types, cursor=cursor, limit=limit)
    return [_record(row) for row in rows]


def _record(row: Row) -> AuditRecord:
    event = _CODEC.decode(row["type"], row["data"])
    assert isinstance(event, CHANGES)
    return AuditRecord(
        id=row["id"],
        time=row["time"],
        user_id=event.user_id if isinstance(event, UserPolicyChanged) else None,
        by=event.by,
        reason=event.reason,
        before=event.before,
        after=event.after,
    )
