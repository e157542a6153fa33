"""Reserve and append with 16 tasks in one process, beside pgbench with 16 clients."""

import asyncio
import tempfile
import time
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from benchmarks import pgbench
from benchmarks.ground import Ground, execute, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.sample_events import AT, reservation
from services import booking
from services.booking.bookings.claims import claim
from services.booking.domain.slot import Slot
from services.booking.store import store
from services.chassis.events.commits import Commits
from services.chassis.events.store import StagedEvent
from services.chassis.events.streams import Recorded
from services.chassis.ids import new_id
from services.chassis.postgres.database import Database, Statement
from services.chassis.postgres.migrations import migrate

TASKS = 16
SECONDS = 3
ORGANIZERS = 10_000
EMPTY = ("TRUNCATE events, sequences, outbox, slot_claims, bookings, timers", "CHECKPOINT")

# What pgbench draws: numbers of a fixed width that take the place of these digits everywhere.
ORGANIZER, BOOKING, EVENT = "444444444444", "555555555555", "666666666666"
YEAR, HOUR = "7777", "22"
VARIABLES = (
    r"\set o random(100000000000, 100000009999)",
    r"\set b random(100000000000, 999999999999)",
    r"\set e random(100000000000, 999999999999)",
    r"\set y random(1000, 9998)",
    r"\set m random(10, 12)",
    r"\set d random(10, 28)",
    r"\set h random(10, 22)",
)
DRAWN = (
    (ORGANIZER, "' || :o || '"),
    (BOOKING, "' || :b || '"),
    (EVENT, "' || :e || '"),
    (f"{YEAR}-12-27T{HOUR}", "' || :y || '-' || :m || '-' || :d || 'T' || :h || '"),
)


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both sides, each time from empty tables."""
    url = ground.new_database("benchmark_append")
    migrate(url, Path(booking.__file__).parent / "migrations")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(_script())
        file.flush()
        async with opened(url, size=TASKS) as database:

            async def ours() -> float:
                await execute(url, *EMPTY)
                return await appends(database, SECONDS)

            async def anchor() -> float:
                await execute(url, *EMPTY)
                return await pgbench.rate(url, Path(file.name), SECONDS)

            found, anchors = await in_turn(ours, anchor, samples)
    return Finding(
        name="reserve_append",
        claim=f"reserve and append, {TASKS} tasks in one process",
        anchor=f"pgbench, {pgbench.CLIENTS} clients, the same statements in one pipeline",
        unit="appends/s",
        bar=Bar("at least", 0.5),
        ours=found,
        anchors=anchors,
    )


async def appends(database: Database, seconds: float) -> float:
    """Append from all tasks for so long; return the rate."""
    organizers = [new_id() for _ in range(ORGANIZERS)]
    numbers, done, commits = count(), 0, Commits(database)
    started = time.perf_counter()
    until = started + seconds

    async def append() -> None:
        nonlocal done
        while time.perf_counter() < until:
            number = next(numbers)
            organizer_id, booking_id = organizers[number % ORGANIZERS], new_id()
            start = AT + timedelta(minutes=30 * (number // ORGANIZERS))
            changes = reservation(organizer_id, booking_id, start)
            ahead = [_claim(organizer_id, booking_id, start)]
            append_ = store.prepare(
                str(organizer_id), changes, at=AT, before=ahead, order=start.isoformat()
            )
            await commits.commit(append_)
            done += 1

    await asyncio.gather(*(append() for _ in range(TASKS)))
    return done / (time.perf_counter() - started)


def _claim(organizer_id: UUID, booking_id: UUID, start: datetime) -> Statement:
    return claim(booking_id, organizer_id, Slot(start, start + timedelta(minutes=30)))


def _script() -> str:
    """Return what ours runs for one reservation, as a script that draws other values each time."""
    organizer_id = UUID(f"00000000-0000-7000-8000-{ORGANIZER}")
    booking_id = UUID(f"00000000-0000-7000-8000-{BOOKING}")
    start = datetime.fromisoformat(f"{YEAR}-12-27T{HOUR}:00:00+00:00")
    changes = reservation(organizer_id, booking_id, start)
    event_id = UUID(f"00000000-0000-7000-8000-{EVENT}")
    stream = changes[-1].aggregate.stream.name
    event = Recorded(event_id, stream, 1, str(organizer_id), AT, changes[-1].events[0])
    run = store.statements(
        str(organizer_id), changes, [StagedEvent(changes[-1].aggregate.stream.category, event)], AT
    )
    return pgbench.script(VARIABLES, [_claim(organizer_id, booking_id, start), *run], DRAWN)
