"""The users that a SCIM client has provisioned: found one by one and in lists, kept, deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from uuid import UUID

from services.chassis.postgres.database import (
    Connection,
    Prepared,
    Row,
    Statement,
    fetch_each,
    fetch_one,
    sql,
)
from services.policy.directory.entries import Entry
from services.policy.directory.records import entry_of

Condition = Literal["user_name", "external_id", "id", "mail", "display_name", "active"]
_ACTIVE = "coalesce((u.settings ->> 'active')::boolean, true)"
_CONDITIONS: Mapping[Condition, str] = {
    "user_name": "d.user_key = %(user_name)s",
    "external_id": "d.external_id = %(external_id)s",
    "id": "d.id = %(id)s",
    "mail": "lower(d.mail) = lower(%(mail)s)",
    "display_name": "lower(d.display_name) = lower(%(display_name)s)",
    "active": f"{_ACTIVE} = %(active)s",
}
_FROM = "FROM directory d LEFT JOIN users u USING (id) WHERE d.source = 'scim'"
_SELECT = f"""
    SELECT d.id, d.user_name, d.display_name, d.mail, d.external_id, d.source, d.since,
        d.changed_at, d.version, {_ACTIVE} AS active
    {_FROM}
"""


@dataclass(frozen=True, slots=True)
class ProvisionedUser:
    """A user as the provisioning client knows them."""

    entry: Entry
    active: bool


async def provisioned_user(connection: Connection, user_id: UUID) -> ProvisionedUser | None:
    """Return the user, or None if they were not provisioned."""
    row = await fetch_one(connection, _statements(("id",))[0], id=user_id, skip=0, limit=1)
    return _user(row) if row else None


async def provisioned_users(
    connection: Connection, equal: Mapping[Condition, Any], *, skip: int, limit: int
) -> tuple[Sequence[ProvisionedUser], int]:
    """Return some of the users that are equal in all of that, oldest first, and how many are."""
    page, count = _statements(tuple(sorted(equal)))
    values: dict[str, Any] = dict(equal.items())
    paged = {**values, "skip": skip, "limit": limit}
    rows, [counted] = await fetch_each(connection, Statement(page, paged), Statement(count, values))
    return [_user(row) for row in rows], counted["total"]


@cache
def _statements(conditions: tuple[Condition, ...]) -> tuple[Prepared, Prepared]:
    """Return the statements of a page and of the count; their texts are the constants above."""
    wanted = "".join(f" AND {_CONDITIONS[each]}" for each in conditions)
    order = " ORDER BY d.since, d.id OFFSET %(skip)s LIMIT %(limit)s"
    return sql(_SELECT + wanted + order), sql(f"SELECT count(*) AS total {_FROM}{wanted}")


def _user(row: Row) -> ProvisionedUser:
    return ProvisionedUser(entry_of(row), row["active"])
