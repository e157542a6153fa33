"""The outbox and its relay against PostgreSQL and Kafka: nothing lost, nothing reordered."""

import asyncio
import time
from collections import defaultdict

import pytest
from aiokafka.errors import KafkaConnectionError

from services.chassis.messaging.headers import pack
from services.chassis.messaging.outbox import CHANNEL
from services.chassis.messaging.producer import Publisher
from services.chassis.messaging.relay import POLL_SECONDS, LeaseLost, Relay
from services.chassis.postgres.database import Database
from services.chassis.postgres.signals import Signals
from tests.integration.chassis.reading import header, read_topic
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.toy import add

HEADERS = pack([("ce_type", b"counted")])


async def drained(database: Database, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while await rows(database, "SELECT 1 FROM outbox LIMIT 1"):
        assert time.monotonic() < deadline, "the outbox does not drain"
        await asyncio.sleep(0.02)


async def test_an_event_is_published_with_its_envelope(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    event_id = await add(database, "anna", "a", 5)
    await relay.take_lease()
    await relay.drain()
    [record] = await read_topic(kafka_bootstrap, topic)
    await relay.stop()

    assert record.key == b"anna"
    assert record.value == b'{"owner":"anna","counter":"a","amount":5}'
    assert header(record, "ce_id") == str(event_id)
    assert header(record, "ce_sequence") == "1"
    assert header(record, "ce_subject") == "a"
    assert header(record, "ce_partitionkey") == "anna"
    assert await rows(database, "SELECT count(*) FROM outbox") == [(0,)]


async def test_eight_writers_lose_and_reorder_nothing(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    running = asyncio.create_task(relay.run())

    async def writer(number: int) -> None:
        for turn in range(60):
            await add(database, f"owner-{turn % 5}", f"c{number}-{turn}")
            relay.wake()

    await asyncio.gather(*(writer(number) for number in range(8)))
    await drained(database)
    running.cancel()
    await relay.stop()
    seen: dict[bytes, list[int]] = defaultdict(list)
    for record in await read_topic(kafka_bootstrap, topic):
        seen[record.key].append(int(header(record, "ce_sequence")))

    assert dict(seen) == {f"owner-{n}".encode(): list(range(1, 97)) for n in range(5)}


async def test_only_one_relay_leads_and_the_other_takes_over_when_it_stops(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    other = Relay(database, kafka_bootstrap, Signals(database, (CHANNEL,)), holder="other")

    assert await relay.take_lease()
    assert not await other.take_lease()
    await relay.stop()
    assert await other.take_lease()
    assert not await relay.take_lease()
    await other.stop()


async def test_a_relay_that_lost_its_lease_marks_nothing(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    await add(database, "anna", "a")
    await relay.take_lease()
    usurp = "UPDATE relay_lease SET holder = 'other', epoch = epoch + 1 RETURNING 1"
    await rows(database, usurp)
    with pytest.raises(LeaseLost):
        await relay.drain()
    await relay.stop()

    assert await rows(database, "SELECT count(*) FROM outbox") == [(1,)]
    assert not relay.leading


async def test_depth_and_age_tell_what_waits(database: Database, relay: Relay) -> None:
    await add(database, "anna", "a")
    await add(database, "anna", "a")
    depth, age, _ = await relay.depth()

    assert depth == 2
    assert 0 < age < 30


async def test_a_wake_up_publishes_well_before_the_next_poll(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    running = asyncio.create_task(relay.run())
    await add(database, "anna", "warm")
    await drained(database)
    waits = []
    for _ in range(5):
        await add(database, "anna", "a")
        started = time.monotonic()
        relay.wake()
        await drained(database)
        waits.append(time.monotonic() - started)
        await asyncio.sleep(0.1)
    running.cancel()
    await relay.stop()

    # A poll comes twice a second; five waits in a row below a fifth of that are no accident.
    assert max(waits) < POLL_SECONDS / 2


async def test_a_relay_that_is_stopped_in_full_work_sends_nothing_twice_and_leaves_at_once(
    database: Database, relay: Relay, kafka_bootstrap: str, topic: str
) -> None:
    for number in range(60):
        await add(database, f"owner-{number % 3}", f"c{number}")
    running = asyncio.create_task(relay.run())
    while await rows(database, "SELECT 1 FROM relay_lease WHERE epoch = 0"):
        await asyncio.sleep(0.01)
    await relay.stop()
    await running
    seen: dict[bytes, list[int]] = defaultdict(list)
    for record in await read_topic(kafka_bootstrap, topic):
        seen[record.key].append(int(header(record, "ce_sequence")))
    other = Relay(database, kafka_bootstrap, Signals(database, (CHANNEL,)), holder="other")

    assert await other.take_lease()
    await other.stop()
    for numbers in seen.values():
        assert numbers == list(range(1, len(numbers) + 1))


async def test_a_producer_that_is_dropped_sends_nothing_any_more(
    kafka_bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise KafkaConnectionError

    publisher = Publisher(kafka_bootstrap)
    await publisher.send(await publisher.pack([(1, topic, b"anna", 1, HEADERS, b"{}")]))
    packed = await publisher.pack([(2, topic, b"anna", 2, HEADERS, b"{}")])
    client = publisher._producer.client  # type: ignore[union-attr]
    with monkeypatch.context() as patch:
        patch.setattr(client, "send", away)
        sending = asyncio.create_task(publisher.send(packed))
        await asyncio.sleep(0.3)
        await publisher.drop()
    await asyncio.sleep(0.5)  # Kafka is back, for whoever still wants to send
    sending.cancel()

    assert ["1"] == [
        header(record, "ce_sequence") for record in await read_topic(kafka_bootstrap, topic)
    ]
