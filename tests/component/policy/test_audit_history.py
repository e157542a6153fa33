"""A deployment of before the audit was chained: its changes are the first records."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import Database
from services.chassis.postgres.migrations import migrate
from services.policy.audit_records import AuditFilter, find_records
from services.policy.audit_verification import verify
from services.policy.commands import change_users
from services.policy.domain.audit_chain import Head
from services.policy.domain.settings import OrganizationSettings, UserSettings
from services.policy.domain.user import ChangeUserPolicy
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


async def test_neither_the_owner_nor_the_services_own_role_changes_the_audit(
    database_url_factory: Callable[[str], str],
) -> None:
    """As docs/operations.md advises: one role migrates, another one serves."""
    url = database_url_factory("policy")
    name = conninfo_to_dict(url)["dbname"]
    owner, service = f"owner_of_{name}", f"service_of_{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        for role in (owner, service):
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'".encode())
        connection.execute(f"ALTER DATABASE {name} OWNER TO {owner}".encode())
    as_owner = make_conninfo(url, user=owner, password="x")
    as_service = make_conninfo(url, user=service, password="x")
    migrate(_url(url, owner), SERVICES / "policy" / "migrations")
    with psycopg.connect(as_owner, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT string_agg(tablename, ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename NOT IN ('audit', 'events')"
        ).fetchone()
        assert tables is not None
        connection.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables[0]} TO {service};"
            f"GRANT SELECT, INSERT ON audit, events TO {service}".encode()
        )
    database = Database(as_service, size=2)
    await database.open()
    try:
        command = ChangeUserPolicy(
            user_id=UUID(USER), patch={"ews_enabled": False}, by=ADA, reason="On leave"
        )
        await run_with_retries(database, lambda c: change_users(c, [command]))
        async with database.connection() as connection:
            checked, _ = await verify(connection, Head(), None, 100)
    finally:
        await database.close()

    assert (1, ()) == (checked.records, checked.faults)
    for role in (as_owner, as_service):
        for statement in (
            "UPDATE audit SET number = 2",
            "DELETE FROM audit",
            "TRUNCATE audit",
            "SET session_replication_role = replica",
        ):
            with (
                psycopg.connect(role) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement.encode())
    with psycopg.connect(as_owner, autocommit=True) as connection:
        connection.execute(f"GRANT DELETE ON audit TO {owner}".encode())
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            connection.execute(b"DELETE FROM audit")


def _url(url: str, user: str) -> str:
    """Return the database's address as the role reaches it."""
    said = conninfo_to_dict(url)
    return f"postgresql://{user}:x@{said['host']}:{said['port']}/{said['dbname']}"
