"""What migrations make is what the tables in the code say, and it is made by one of many."""

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from services.chassis.postgres.migrations import migrate

SERVICES = Path(__file__).parents[2] / "services"
WITH_TABLES = sorted(path.parent.name for path in SERVICES.glob("*/migrations"))

DatabaseUrl = Callable[[str], str]


def differences(url: str, service: str) -> list[Any]:
    """Return what the database has and the code does not say, or the other way about."""
    metadata = importlib.import_module(f"services.{service}.tables").metadata
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            return list(compare_metadata(context, metadata))
    finally:
        engine.dispose()


def everything(url: str) -> list[Any]:
    """Return every column, index, constraint, function and trigger of the database."""
    with psycopg.connect(url) as connection:
        return connection.execute("""
            SELECT 'column', table_name::text, column_name::text,
                data_type || is_nullable || coalesce(column_default, '')
            FROM information_schema.columns WHERE table_schema = 'public'
            UNION ALL SELECT 'index', tablename::text, indexname::text, indexdef
            FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'constraint', conrelid::regclass::text, conname::text,
                pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT 'function', '', proname::text, prosrc
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname::text,
                pg_get_triggerdef(oid)
            FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'revision', '', '', version_num FROM alembic_version
            ORDER BY 1, 2, 3, 4
        """).fetchall()


@pytest.mark.parametrize("service", WITH_TABLES)
def test_the_schema_is_what_the_tables_say_and_a_second_migration_changes_nothing(
    database_url_factory: DatabaseUrl, service: str
) -> None:
    url = database_url_factory(service)
    migrate(url, SERVICES / service / "migrations")
    once = everything(url)
    migrate(url, SERVICES / service / "migrations")

    assert [] == differences(url, service)
    assert once == everything(url)


def test_a_schema_that_is_not_what_the_tables_say_is_noticed(
    database_url_factory: DatabaseUrl,
) -> None:
    url = database_url_factory("booking")
    migrate(url, SERVICES / "booking" / "migrations")
    damages = (
        "ALTER TABLE bookings ALTER COLUMN link_id SET NOT NULL",
        "ALTER TABLE outbox ALTER COLUMN staged_at DROP DEFAULT",
        "ALTER TABLE timers ALTER COLUMN attempts TYPE bigint",
        "ALTER TABLE attendees ADD COLUMN phone text",
        "DROP INDEX timers_due",
        "ALTER TABLE pages DROP CONSTRAINT pages_handle_key",
    )

    with psycopg.connect(url, autocommit=True) as connection:
        for number, damage in enumerate(damages, start=1):
            connection.execute(damage.encode())

            assert number == len(differences(url, "booking")), damage


async def test_several_processes_may_migrate_at_once(
    database_url_factory: DatabaseUrl, kafka_bootstrap: str
) -> None:
    url, alone = database_url_factory("policy"), database_url_factory("policy")
    shell = {name: held for name, held in os.environ.items() if not name.startswith("BOOKWITH_")}
    settings = {
        "BOOKWITH_DATABASE_URL": url,
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "BOOKWITH_OIDC_ISSUER": "http://127.0.0.1:1",
        "BOOKWITH_OIDC_AUDIENCE": "bookwith",
        "BOOKWITH_ORGANIZATION_NAMESPACE": "5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11",
        "BOOKWITH_PUBLIC_URL": "http://bookwith.example",
        "BOOKWITH_TOKEN_KEYS": "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "BOOKWITH_HTTP_PORT": "8083",
    }

    async def one() -> tuple[int | None, bytes]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.policy", "migrate"),
            env={**shell, **settings},
            cwd=SERVICES.parent,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode, output

    ended = await asyncio.gather(*(one() for _ in range(3)))
    migrate(alone, SERVICES / "policy" / "migrations")

    assert [0, 0, 0] == [code for code, _ in ended], ended
    assert everything(alone) == everything(url)
