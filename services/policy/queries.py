"""What policy's tables are asked: the known users."""

from uuid import UUID

from sqlalchemy import select

from services.chassis.postgres.database import Connection, fetch, prepared
from services.policy.tables import users

_USERS = prepared(select(users.c.id).order_by(users.c.id))


async def known_users(connection: Connection) -> list[UUID]:
    """Return all users that have a policy or a page."""
    return [row["id"] for row in await fetch(connection, _USERS)]
