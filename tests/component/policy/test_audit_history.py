"""A deployment of before the audit was chained: its changes are the first records."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg

from services.chassis.postgres.database import Database
from services.chassis.postgres.migrations import migrate
from services.policy.audit_records import AuditFilter, find_records
from services.policy.audit_verification import verify
from services.policy.domain.audit_chain import Head
from services.policy.domain.settings import OrganizationSettings, UserSettings
from tests.component.running import SERVICES

ADA, USER = "7b0a3c1e-3f0e-5a7e-9d35-1d0a6f6f7a11", "8b0a3c1e-3f0e-5a7e-9d35-1d0a6f6f7a12"
INSERT = """
    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
METADATA = json.dumps({"actor": f"administrator:{ADA}", "correlation_id": "abc-123-def"})


def change(before: bool | None, after: bool | None, reason: str, **more: Any) -> str:
    """Return the data of a change as the first version of policy wrote it."""
    return json.dumps({
        "before": {"ews_enabled": before}, "after": {"ews_enabled": after},
        "by": ADA, "reason": reason, **more,
    })  # fmt: skip


# By the id they are in another order than by the time.
BEFORE = (
    (UUID(int=3), "organization", 1, "organization", 1, "OrganizationPolicyChanged",
     "2026-11-01T09:00:00.5Z", change(None, False, "A pilot"), METADATA),
    (UUID(int=1), f"user-{USER}", 1, USER, 1, "UserPolicyChanged",
     "2026-11-01T10:00:00Z", change(None, True, "Of the pilot", user_id=USER), METADATA),
    (UUID(int=2), f"user-{USER}", 2, USER, 2, "AccessGranted",
     "2026-11-01T10:00:00Z", json.dumps({"user_id": USER}), METADATA),
)  # fmt: skip


async def test_the_changes_of_before_are_the_first_records_of_the_chain(
    database_url_factory: Callable[[str], str],
) -> None:
    url = database_url_factory("policy")
    migrate(url, SERVICES / "policy" / "migrations", "0004")
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(INSERT, BEFORE)
    migrate(url, SERVICES / "policy" / "migrations")
    database = Database(url, size=2)
    await database.open()
    try:
        async with database.connection() as connection:
            checked, _ = await verify(connection, Head(), None, 100)
            first, second = await find_records(connection, AuditFilter(), limit=100)
    finally:
        await database.close()

    assert (2, ()) == (checked.records, checked.faults)
    assert ("made", "organization", None, ADA, "A pilot", None) == (
        first.outcome,
        first.what,
        first.whom,
        first.who,
        first.why,
        first.origin,
    )
    assert (OrganizationSettings(), OrganizationSettings(ews_enabled=False)) == first.settings
    assert (2, "user", USER, "Of the pilot") == (
        second.number,
        second.what,
        second.whom,
        second.why,
    )
    assert (UserSettings(), UserSettings(ews_enabled=True)) == second.settings
    assert ("abc-123-def", "2026-11-01T09:00:00.500000+00:00") == (
        first.correlation_id,
        first.time.isoformat(),
    )
