"""What policy's tables are asked: the known users, and every change that was made."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer, Text, Uuid

from services.chassis.postgres.database import Connection, fetch, prepared
from services.chassis.postgres.tables import events
from services.policy.tables import users

CHANGES = ("OrganizationPolicyChanged", "UserPolicyChanged")

_USERS = prepared(select(users.c.id).order_by(users.c.id))
_AUDIT = prepared(
    select(events.c.id, events.c.stream, events.c.time, events.c.data)
    .where(events.c.type == func.any(bindparam("types", type_=ARRAY(Text))))
    .where(events.c.id > bindparam("cursor", type_=Uuid))
    .order_by(events.c.id)
    .limit(bindparam("limit", type_=Integer))
)


async def known_users(connection: Connection) -> list[UUID]:
    """Return all users that have a policy or a page."""
    return [row["id"] for row in await fetch(connection, _USERS)]


async def audit(connection: Connection, cursor: UUID, limit: int) -> list[dict[str, Any]]:
    """Return the changes after the cursor, oldest first: id, stream, time, data."""
    return await fetch(connection, _AUDIT, types=list(CHANGES), cursor=cursor, limit=limit)
