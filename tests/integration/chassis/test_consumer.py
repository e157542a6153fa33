"""Consumers against PostgreSQL and Kafka: the effect of each event once, whatever is delivered."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, MessageSizeTooLargeError

from contracts.envelope import Envelope
from contracts.topics import MIB, dead_letter_topic
from services.chassis.events import retries
from services.chassis.http.server import DRAIN_SECONDS
from services.chassis.messaging.consumer import Consumers
from services.chassis.messaging.faststream_consumer import GroupMember
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection, Database
from services.chassis.runtime.telemetry import APPEND_RETRIES, SEQUENCE_GAPS
from tests.integration.chassis.reading import header, read_topic
from tests.integration.chassis.test_event_store import rows
from tests.integration.chassis.test_outbox import drained
from tests.integration.chassis.toy import AddedContract

AT = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
# The amount whose handler inserts what PostgreSQL can never index: SQLSTATE 54000.
TOO_LARGE = 54_000
TOO_LARGE_ROW = b"""
    INSERT INTO effects
    SELECT 'large', string_agg(md5(n::text), ''), 1 FROM generate_series(1, 1000) AS n
"""
# The counters whose next event loses a race, once for each entry.
LOST_RACES: list[str] = []
DEADLOCK = b"DO $$ BEGIN RAISE EXCEPTION 'toy' USING ERRCODE = '40P01'; END $$"
CONFLICT = b"DO $$ BEGIN RAISE EXCEPTION 'toy' USING ERRCODE = '40001'; END $$"
Record = tuple[bytes | None, bytes | None, list[tuple[str, Any]]]


def record(owner: str, sequence: int, amount: int, counter: str = "a", **changed: Any) -> Record:
    event = AddedContract(owner=owner, counter=counter, amount=amount)
    envelope = Envelope(
        id=f"{owner}-{sequence}",
        type=changed.get("type", AddedContract.TYPE),
        source=AddedContract.SOURCE,
        subject=counter,
        time=AT,
        partition_key=owner,
        sequence=sequence,
    )
    return owner.encode(), event.model_dump_json().encode(), envelope.to_headers()


async def on_added(connection: Connection, event: AddedContract, envelope: Envelope) -> None:
    if event.amount == 666:
        raise ValueError("this cannot be added")
    if event.amount == TOO_LARGE:
        await connection.execute(TOO_LARGE_ROW)
    if LOST_RACES and LOST_RACES[0] == event.counter:
        LOST_RACES.pop(0)
        await connection.execute(DEADLOCK if event.amount == 40 else CONFLICT)
    await connection.execute(
        b"INSERT INTO effects VALUES (%s, %s, %s)", (event.owner, event.counter, event.amount)
    )


Publish = Callable[..., Awaitable[None]]


def consumers_of(database: Database, kafka_bootstrap: str, topic: str, **more: Any) -> Consumers:
    return Consumers(
        bootstrap_servers=kafka_bootstrap,
        group="toy",
        database=database,
        subscriptions=[Subscription(topic, [on(AddedContract, on_added)])],
        on_commit=lambda committed: None,
        **{"instance": "1", **more},
    )


@asynccontextmanager
async def consuming(
    database: Database, kafka_bootstrap: str, topic: str, **more: Any
) -> AsyncIterator[Consumers]:
    consumers = consumers_of(database, kafka_bootstrap, topic, **more)
    running = asyncio.create_task(consumers.run())
    try:
        yield consumers
    finally:  # a member that is left behind would keep its partitions
        await consumers.stop()
        running.cancel()


async def applied(database: Database, **marks: int) -> None:
    """Wait until the inbox has reached these sequences."""
    deadline = time.monotonic() + 30
    while True:
        found = dict(await rows(database, "SELECT key, sequence FROM inbox"))
        if all(found.get(key, 0) >= sequence for key, sequence in marks.items()):
            return
        assert time.monotonic() < deadline, f"{found} is not yet {marks}"
        await asyncio.sleep(0.02)


async def letters(database: Database, relay: Any, kafka_bootstrap: str, topic: str) -> list[Any]:
    """Publish what is staged; return the dead letters of the topic."""
    running = asyncio.create_task(relay.run())
    await drained(database)
    running.cancel()
    await relay.stop()
    found: list[Any] = await read_topic(kafka_bootstrap, dead_letter_topic(topic, "toy"))
    return found


EFFECTS = "SELECT key, counter, amount FROM effects ORDER BY key, amount"


async def test_each_event_has_its_effect_once_even_when_it_comes_twice(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    await publish(record("anna", 1, 10), record("anna", 2, 20), record("anna", 1, 10))
    await publish(record("anna", 2, 20), record("anna", 3, 30))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=3)

    assert await rows(database, EFFECTS) == [
        ("anna", "a", 10),
        ("anna", "a", 20),
        ("anna", "a", 30),
    ]


async def test_a_type_that_nobody_handles_is_skipped_and_passed_in_the_mark(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    unknown = record("anna", 1, 10, type="io.bookwith.toy.Unheard.v1")
    await publish(unknown, record("anna", 2, 20))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=2)

    assert await rows(database, EFFECTS) == [("anna", "a", 20)]


async def test_poison_is_parked_once_with_its_reason_and_its_neighbours_are_applied(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    broken = list(record("anna", 3, 30, counter="b"))
    broken[1] = b'{"owner": "anna", "counter": "b", "amount": "much"}'
    await publish(
        record("anna", 1, 10),
        record("anna", 2, 666, counter="bad"),
        (broken[0], broken[1], broken[2]),
        (b"anna", b"\x00garbage", [("nothing", None)]),
        (b"\x00\x00\x00\x07", b"{}", []),
        record("o" * 6_000, 1, 70),
        record("anna", 4, 40, counter="bad"),
        record("anna", 5, 50),
        record("bo", 1, 60),
    )
    for _ in range(2):  # the second reader starts from the first one's offsets
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=5, bo=1)
    parked = await rows(
        database, "SELECT event_id, reason, behind FROM parked ORDER BY event_id, partition"
    )
    staged = await rows(database, "SELECT topic FROM outbox")

    assert await rows(database, EFFECTS) == [
        ("anna", "a", 10),
        ("anna", "a", 50),
        ("bo", "a", 60),
    ]
    assert parked == [
        *[("", "unreadable", None)] * 3,
        ("anna-2", "refused", None),
        ("anna-3", "invalid", None),
        ("anna-4", "behind", "anna-2"),
    ]
    assert staged == [(dead_letter_topic(topic, "toy"),)] * 6


async def test_a_record_whose_statement_the_database_refuses_is_parked_and_its_neighbours_applied(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    await publish(
        record("anna", 1, 10), record("anna", 2, TOO_LARGE, counter="b"), record("anna", 3, 30)
    )
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=3)
    parked = await rows(database, "SELECT event_id, reason, error, attempts FROM parked")

    assert await rows(database, EFFECTS) == [("anna", "a", 10), ("anna", "a", 30)]
    assert parked == [("anna-2", "refused", "ProgramLimitExceeded", 4)]


@pytest.mark.parametrize("amount", [40, 41], ids=["deadlock", "serialization failure"])
async def test_a_race_that_the_handler_loses_is_counted_and_run_again_on_sound_connections(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    amount: int,
) -> None:
    LOST_RACES[:] = ["raced"] * 7
    before = APPEND_RETRIES._value.get()
    await publish(record("anna", 1, 10), record("anna", 2, amount, counter="raced"))
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=2)

    assert await rows(database, EFFECTS) == [("anna", "a", 10), ("anna", "raced", amount)]
    assert APPEND_RETRIES._value.get() == before + 7
    assert [log for log in logs if log["event"] in {"consumer_waits", "batch_split"}] == []


async def test_a_storm_of_conflicts_is_waited_out_with_pauses_and_parks_nothing(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    LOST_RACES[:] = ["raced"] * 7
    await publish(record("anna", 1, 41, counter="raced"))
    with structlog.testing.capture_logs() as logs:
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=1)
    waits = [log for log in logs if log["event"] == "consumer_waits"]

    assert [tuple(log["first_offsets"].values()) for log in waits] == [(0,), (0,)]
    assert await rows(database, EFFECTS) == [("anna", "raced", 41)]
    assert await rows(database, "SELECT * FROM parked") == []


async def test_a_stop_in_an_endless_storm_of_conflicts_is_noticed(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    LOST_RACES[:] = ["raced"] * 100_000
    await publish(record("anna", 1, 41, counter="raced"))
    before = APPEND_RETRIES._value.get()
    async with consuming(database, kafka_bootstrap, topic) as consumers:
        async with asyncio.timeout(30):
            while APPEND_RETRIES._value.get() < before + 10:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(DRAIN_SECONDS):
            await consumers.stop()
    LOST_RACES.clear()

    assert await rows(database, EFFECTS) == []


async def test_a_dead_letter_carries_the_record_and_why(
    database: Database, relay: Any, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    poison = record("anna", 1, 666)
    await publish(poison)
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=1)
    [letter] = await letters(database, relay, kafka_bootstrap, topic)

    assert (letter.key, letter.value) == poison[:2]
    assert set(poison[2]) <= set(letter.headers)
    assert header(letter, "dlt_reason") == "refused"
    assert header(letter, "dlt_error") == "ValueError"
    assert header(letter, "dlt_topic") == topic
    assert header(letter, "dlt_attempts") == "4"


async def test_the_largest_record_that_the_broker_takes_still_fits_with_its_reason(
    database: Database, relay: Any, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    key, _, headers = record("anna", 1, 10)
    overhead = 100 + len(key or b"") + sum(len(name) + len(value) + 4 for name, value in headers)
    largest = b"x" * (MIB - overhead)
    await publish((key, largest, headers))
    with pytest.raises(MessageSizeTooLargeError):
        await publish((key, largest + b"x" * 200, headers))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=1)

    [letter] = await letters(database, relay, kafka_bootstrap, topic)

    assert (letter.value == largest, header(letter, "dlt_reason")) == (True, "invalid")


async def test_records_that_are_read_again_after_a_crash_change_nothing(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await publish(record("anna", 1, 10), record("anna", 2, 20))
    with monkeypatch.context() as crash:
        crash.setattr(GroupMember, "commit", _forget)  # before the offsets
        async with consuming(database, kafka_bootstrap, topic):
            await applied(database, anna=2)
    await publish(record("anna", 3, 30))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=3)

    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20, 30]


async def test_when_kafka_refuses_to_go_on_the_consumer_joins_again(
    database: Database,
    kafka_bootstrap: str,
    topic: str,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusals: list[bool] = []
    getmany = AIOKafkaConsumer.getmany

    async def refusing_once(self: AIOKafkaConsumer, *given: Any, **named: Any) -> Any:
        member = consumers._member
        assert member is not None
        if not refusals and self is member._subscriber.consumer:  # others may read in this process
            refusals.append(consumers.joined)
            raise GroupAuthorizationFailedError("toy")
        return await getmany(self, *given, **named)

    await publish(record("anna", 1, 10))
    async with consuming(database, kafka_bootstrap, topic) as consumers:
        await applied(database, anna=1)
        monkeypatch.setattr(AIOKafkaConsumer, "getmany", refusing_once)
        async with asyncio.timeout(20):
            while consumers.joined:
                await asyncio.sleep(0.01)
        await publish(record("anna", 2, 20))
        await applied(database, anna=2)

    assert refusals == [True]
    assert [amount for _, _, amount in await rows(database, EFFECTS)] == [10, 20]


@pytest.mark.parametrize("delay", [0, 0.001, 0.05, 1])
async def test_run_ends_when_it_is_stopped_and_leaves_no_member_even_one_that_is_joining(
    database: Database, kafka_bootstrap: str, topic: str, delay: float
) -> None:
    before = asyncio.all_tasks()
    consumers = consumers_of(database, kafka_bootstrap, topic)
    running = asyncio.create_task(consumers.run())
    await asyncio.sleep(delay)  # the moment of its joining at which it is stopped
    async with asyncio.timeout(10):
        await consumers.stop()
        await running
        # A fetch of aiokafka's that is under way ends with its connection, a moment later.
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)

    assert await members(kafka_bootstrap) == 0


async def test_run_ends_when_it_is_stopped_while_kafka_is_away(database: Database) -> None:
    consumers = consumers_of(database, "127.0.0.1:1", "toy.events.v1")
    running = asyncio.create_task(consumers.run())
    await asyncio.sleep(0.2)
    async with asyncio.timeout(10):
        await consumers.stop()
        await running


async def members(kafka_bootstrap: str) -> int:
    """Return how many members the group has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        [described] = await admin.describe_consumer_groups(["toy"])
        [group] = described.to_object()["groups"]
        return len(group["members"])
    finally:
        await admin.close()


async def _forget(*_: object) -> None:
    return None


async def test_two_members_share_the_work_and_one_takes_over_when_the_other_leaves(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    owners = [f"owner{number}" for number in range(12)]
    async with consuming(database, kafka_bootstrap, topic):
        async with consuming(database, kafka_bootstrap, topic, instance="2"):
            await publish(*(record(owner, 1, 1) for owner in owners))
            await applied(database, **dict.fromkeys(owners, 1))
        await publish(*(record(owner, 2, 2) for owner in owners))
        await applied(database, **dict.fromkeys(owners, 2))

    assert await rows(database, "SELECT amount, count(*) FROM effects GROUP BY 1 ORDER BY 1") == [
        (1, 12),
        (2, 12),
    ]


async def test_a_gap_in_a_sequence_is_counted(
    database: Database, kafka_bootstrap: str, topic: str, publish: Publish
) -> None:
    before = SEQUENCE_GAPS.labels(topic)._value.get()
    await publish(record("anna", 1, 10), record("anna", 3, 30))
    async with consuming(database, kafka_bootstrap, topic):
        await applied(database, anna=3)

    assert SEQUENCE_GAPS.labels(topic)._value.get() == before + 1
