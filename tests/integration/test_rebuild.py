"""Read models made again from the log equal what stood before, whatever has happened to them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.bookings.streams import BOOKING
from services.booking.domain import page
from services.booking.page.streams import PAGE
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.read_models import MODELS
from services.booking.store import store
from services.chassis.events.rebuild import ProcessRuns, rebuild
from services.chassis.events.streams import Aggregate, AnyCategory, Change
from services.chassis.postgres.database import Connection, Database
from services.chassis.postgres.presence import hold
from tests.builders import (
    NOW,
    cancelled,
    confirmed,
    link_issued,
    meeting,
    move_reserved,
    profile,
    rescheduled,
    reserved,
    slot,
)
from tests.component.running import migrated

ROOT = Path(__file__).parents[2]
TABLES = [table.name for table in MODELS.metadata.sorted_tables]
# What each rebuild must put right; an append-only log cannot be damaged in that way.
DAMAGES = (
    "DELETE FROM bookings WHERE status = 'cancelled'",
    "UPDATE bookings SET status = 'held', starts_at = starts_at + interval '1 hour'",
    "DELETE FROM slot_claims",
    "UPDATE pages SET handle = handle || '-damaged'",
    "TRUNCATE private_links, meeting_types, erasures, data_requests",
    "INSERT INTO pages VALUES (gen_random_uuid(), 'nobody')",
)


@pytest.fixture
async def database(database_url_factory: Callable[[str], str]) -> AsyncIterator[Database]:
    """Booking's database with the events of two organizers."""
    database = Database(migrated(database_url_factory("booking"), "booking"), size=4)
    await database.open()
    async with database.transaction() as connection:
        anna, bo = uuid4(), uuid4()
        await append(connection, anna, PAGE, anna, [page.PageCreated(anna, profile())])
        await append(connection, anna, PRIVATE_LINK, uuid4(), [link_issued()])
        for history in histories(anna):
            await append(connection, anna, BOOKING, uuid4(), history)
    async with database.transaction() as connection:
        # The handle that Anna had is taken by somebody else.
        renewed = [page.PageAddressRenewed("anna-renewed")]
        await append(connection, anna, PAGE, anna, renewed, version=1, at=later(1))
    async with database.transaction() as connection:
        await append(connection, bo, PAGE, bo, [page.PageCreated(bo, profile())], at=later(2))
    yield database
    await database.close()


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def histories(anna: UUID) -> list[list[Any]]:
    agreed = meeting(organizer_id=anna)
    first, second, third, fourth = (slot(days=days) for days in (1, 2, 3, 4))
    return [
        [reserved(organizer_id=anna, slot=first)],
        [reserved(organizer_id=anna, slot=second), confirmed(meeting=agreed, slot=second)],
        [
            reserved(organizer_id=anna, slot=third),
            confirmed(meeting=agreed, slot=third),
            move_reserved(organizer_id=anna, slot=fourth),
            rescheduled(meeting=agreed, old=third, new=fourth),
        ],
        [
            reserved(organizer_id=anna, slot=third),
            confirmed(meeting=agreed, slot=third),
            cancelled(meeting=agreed, slot=third),
        ],
    ]


async def append(
    connection: Connection,
    organizer_id: UUID,
    category: AnyCategory,
    id_: UUID,
    events: Sequence[Any],
    version: int = 0,
    at: datetime = NOW,
) -> None:
    aggregate = Aggregate(category.stream(id_), version, category.decider.initial)
    change = Change(aggregate, events)
    await store.append(connection, str(organizer_id), [change], at=at)


async def everything(database: Database) -> dict[str, list[str]]:
    """Return all rows of all tables."""
    async with database.connection() as connection:
        found = {}
        for table in TABLES:
            cursor = await connection.execute(
                f"SELECT t::text AS row FROM {table} t ORDER BY 1".encode()
            )
            found[table] = [row["row"] for row in await cursor.fetchall()]
        return found


async def test_a_rebuild_of_what_is_right_changes_nothing(database: Database) -> None:
    before = await everything(database)
    rebuilt = await rebuild(database.url, MODELS)

    assert before == await everything(database)
    assert {(each.added, each.removed) for each in rebuilt} == {(0, 0)}
    assert {"bookings": 4, "pages": 2, "private_links": 1, "slot_claims": 3}.items() <= {
        each.table: each.rows for each in rebuilt
    }.items()


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_rebuild_puts_right_what_is_damaged_and_is_quiet_the_second_time(
    database: Database, damage: str
) -> None:
    before = await everything(database)
    async with database.connection() as connection:
        await connection.execute(damage.encode())
    told = await rebuild(database.url, MODELS, dry_run=True)
    damaged = await everything(database)
    rebuilt = await rebuild(database.url, MODELS)

    assert damaged != before
    assert told == rebuilt
    assert any(each.added or each.removed for each in rebuilt)
    assert before == await everything(database)
    assert {(each.added, each.removed) for each in await rebuild(database.url, MODELS)} == {(0, 0)}


async def test_a_rebuild_is_refused_while_a_process_runs_and_a_comparison_is_not(
    database: Database,
) -> None:
    before = await everything(database)
    async with await database.listen() as connection:
        await hold(connection)
        with pytest.raises(ProcessRuns):
            await rebuild(database.url, MODELS)
        compared = await rebuild(database.url, MODELS, dry_run=True)

    assert {(each.added, each.removed) for each in compared} == {(0, 0)}
    assert before == await everything(database)


async def command(database: Database, *arguments: str) -> tuple[int | None, str, str]:
    shell = {name: held for name, held in os.environ.items() if not name.startswith("BOOKWITH_")}
    settings = {
        "BOOKWITH_DATABASE_URL": database.url,
        "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "BOOKWITH_OIDC_ISSUER": "http://127.0.0.1:1",
        "BOOKWITH_OIDC_AUDIENCE": "bookwith",
        "BOOKWITH_ORGANIZATION_NAMESPACE": "5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11",
        "BOOKWITH_PUBLIC_URL": "http://bookwith.example",
        "BOOKWITH_TOKEN_KEYS": "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "BOOKWITH_HTTP_PORT": "8080",
        "BOOKWITH_AVAILABILITY_URL": "http://127.0.0.1:1",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.booking", "rebuild", *arguments),
        env={**shell, **settings},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


async def test_the_command_says_what_it_does_and_refuses_beside_a_process(
    database: Database,
) -> None:
    async with database.connection() as connection:
        await connection.execute(DAMAGES[0].encode())
    asked = await command(database, "--dry-run", "--log-only")
    async with await database.listen() as connection:
        await hold(connection)
        refused = await command(database)
    without_kafka = await command(database)
    done, again = await command(database, "--log-only"), await command(database, "--log-only")

    assert (1, 4, 0, 0) == (asked[0], refused[0], done[0], again[0])
    assert (5, True) == (without_kafka[0], "Kafka at 127.0.0.1:1" in without_kafka[2])
    assert (
        '{"action": "rebuilt", "table": "bookings", "rows": 4, "added": 1, "removed": 0}' in done[1]
    )
    assert "Stop all of them" in refused[2]
    assert "0 rows came or went" in again[2]
