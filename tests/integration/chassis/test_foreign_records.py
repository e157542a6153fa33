"""Records that contradict themselves or what was applied: parked, loudly, and without harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog

from contracts.envelope import Envelope
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection, Database
from services.chassis.runtime.telemetry import DEAD_LETTERS
from tests.integration.chassis.test_consumer import (
    AT,
    EFFECTS,
    Publish,
    Record,
    applied,
    consuming,
    record,
)
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.toy import AddedContract

PARKED = "SELECT event_id, reason, subject, error FROM parked ORDER BY partition, record_offset"


def changed(good: Record, **headers: str) -> Record:
    """Return the record with other headers, its body as it was."""
    key, value, held = good
    named = {f"ce_{name}": text.encode() for name, text in headers.items()}
    return key, value, [(name, named.get(name, old)) for name, old in held]


async def test_a_record_whose_envelope_and_body_contradict_each_other_is_parked_and_holds_nothing(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    foreign = record("eve", 1, 1)
    await publish(
        record("anna", 1, 10),
        # Under anna's key what its body says of eve.
        (b"anna", foreign[1], record("anna", 2, 1)[2]),
        changed(record("anna", 2, 20), source="/foreign"),
        changed(record("anna", 2, 20), subject="other"),
        # Broken as well, but it can be read that it is not anna's.
        (b"anna", b'{"owner": "eve", "counter": "a"}', record("anna", 2, 1)[2]),
        record("anna", 2, 20),
        record("anna", 3, 30),
    )
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=3)
    parked = await rows(database, PARKED)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20, 30]
    assert [(reason, subject, error) for _, reason, subject, error in parked] == [
        ("contradiction", None, "its key is not that of its body"),
        ("contradiction", None, "its source is not who publishes on this topic"),
        ("contradiction", None, "its subject is not that of its body"),
        ("contradiction", None, "its key is not that of its body"),
    ]


async def test_a_number_that_leaves_too_many_out_is_parked_and_raises_no_mark(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    count = DEAD_LETTERS.labels(topic, "jump")._value
    before = count.get()
    await publish(
        record("anna", 1, 10), record("anna", 999_999_999_999, 999), record("anna", 2, 20)
    )
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=2)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20]
    assert [row[:3] for row in await rows(database, PARKED)] == [
        ("anna-999999999999", "jump", None)
    ]
    assert count.get() == before + 1
    assert ["jump"] == [log["reason"] for log in logs if log["event"] == "record_parked"]
    assert [(2,)] == await rows(database, "SELECT sequence FROM inbox WHERE key = 'anna'")


async def test_other_events_under_known_numbers_are_parked_not_dropped_and_repeated_ones_are(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    await publish(*(record("anna", number, number) for number in range(1, 6)))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=5)
    # The publisher's database was set back to number 3: it gives 4 and 5 to new events, and then 6.
    new = [_renamed(record("anna", number, 10 * number), f"new-{number}") for number in (4, 5)]
    await publish(record("anna", 5, 5), *new, record("anna", 6, 60))
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=6)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [1, 2, 3, 4, 5, 60]
    assert [row[:2] for row in await rows(database, PARKED)] == [
        ("new-4", "conflict"),
        ("new-5", "conflict"),
    ]
    assert len([log for log in logs if log["event"] == "record_parked"]) == 2


async def test_what_takes_away_is_applied_even_when_it_is_parked(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    async def on_added(connection: Connection, event: AddedContract, envelope: Envelope) -> None:
        await connection.execute(
            b"INSERT INTO effects VALUES (%s, %s, %s)", (event.owner, event.counter, event.amount)
        )

    await publish(
        record("anna", 1, 10),
        _renamed(record("anna", 1, 11), "another"),
        record("anna", 999_999, 12),
        (b"anna", b'{"counter": "a"}', record("anna", 2, 0)[2]),
        record("anna", 3, 13),
    )
    subscription = Subscription(topic, [on(AddedContract, on_added, closes=True)])
    async with _consuming(database, kafka_bootstrap, subscription):
        await applied(database, anna=3)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 11, 12, 13]
    assert [row[1] for row in await rows(database, PARKED)] == [
        "conflict",
        "jump",
        "invalid",
        "behind",
    ]


def _renamed(good: Record, event_id: str) -> Record:
    return changed(good, id=event_id, time=(AT + timedelta(hours=1)).isoformat())


@asynccontextmanager
async def _consuming(
    database: Database, kafka_bootstrap: str, subscription: Subscription
) -> AsyncIterator[Any]:
    consumers = Consumers(
        bootstrap_servers=kafka_bootstrap,
        group="toy",
        instance="1",
        database=database,
        subscriptions=[subscription],
        on_commit=lambda committed: None,
    )
    running = asyncio.create_task(consumers.run())
    try:
        yield consumers
    finally:
        await consumers.stop()
        running.cancel()
