"""Appends to a store of a million events, beside the same appends to one of ten thousand."""

from pathlib import Path

from benchmarks.ground import Ground, execute, opened
from benchmarks.measuring import Bar, Finding, in_turn
from benchmarks.reserve_append import TASKS, appends
from services import booking
from services.chassis.postgres.migrations import migrate

SECONDS = 3.0
MANY, FEW = 1_000_000, 10_000
EVENTS_A_KEY = 100

# Streams of two events, as bookings have them; a hundred events belong to each organizer.
_FILL = """
    INSERT INTO events (id, stream, version, partition_key, sequence, type, time, data, metadata)
    SELECT gen_random_uuid(), 'booking-' || uuid_of('stream', n / 2), 1 + n % 2,
        uuid_of('key', n / {keyed})::text, 1 + n % {keyed}, 'SlotReserved', now(),
        jsonb_build_object('start', now(), 'organizer_id', uuid_of('key', n / {keyed}),
            'meeting_type_id', uuid_of('type', n / {keyed}), 'purpose', 'new'),
        '{{}}'
    FROM generate_series(0, {number} - 1) AS n
"""
_UUID_OF = """
    CREATE FUNCTION uuid_of(what text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(what || n)::uuid
"""


async def measured(ground: Ground, samples: int) -> Finding:
    """Measure both sides; each keeps what is appended to it."""
    few, many = await _filled(ground, FEW), await _filled(ground, MANY)
    async with opened(few, size=TASKS) as small, opened(many, size=TASKS) as large:
        found, anchors = await in_turn(
            lambda: appends(large, SECONDS), lambda: appends(small, SECONDS), samples
        )
    return Finding(
        name="many_events",
        claim=f"reserve and append, with {MANY:,} events in the store",
        anchor=f"the same with {FEW:,} events",
        unit="appends/s",
        bar=Bar("at least", 0.8),
        ours=found,
        anchors=anchors,
    )


async def _filled(ground: Ground, number: int) -> str:
    """Return the address of a store with so many events."""
    url = ground.new_database(f"benchmark_events_{number}")
    migrate(url, Path(booking.__file__).parent / "migrations")
    fill = _FILL.format(number=number, keyed=EVENTS_A_KEY)
    await execute(url, _UUID_OF, fill, "VACUUM ANALYZE events", "CHECKPOINT")
    return url
