"""A group member against Kafka: what its callback is given, and what becomes of a batch."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError

from services.chassis.messaging import faststream_consumer
from services.chassis.messaging.faststream_consumer import GroupMember, OnBatch

Send = Callable[..., Awaitable[None]]


@pytest.fixture
async def send(kafka_bootstrap: str, topic: str) -> AsyncIterator[Send]:
    """Publish values on the empty topic, all with one key: in one partition."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()

    async def values(*each: bytes | None) -> None:
        for value in each:
            await producer.send_and_wait(topic, key=b"k", value=value, headers=[("odd", None)])

    yield values
    await producer.stop()


@pytest.fixture
def group() -> str:
    """A group that has committed nothing."""
    return f"members-{uuid.uuid4()}"


class Seen:
    """Notes the batches that a member was given; `wait_for` waits for so many records."""

    def __init__(self) -> None:
        self.records: list[ConsumerRecord] = []
        self._changed = asyncio.Condition()

    async def add(self, records: Sequence[ConsumerRecord]) -> None:
        async with self._changed:
            self.records += records
            self._changed.notify_all()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: len(self.records) >= count)

    @property
    def values(self) -> list[bytes]:
        return [record.value for record in self.records]


@asynccontextmanager
async def member_of(
    kafka_bootstrap: str, topic: str, group: str, on_batch: OnBatch
) -> AsyncIterator[GroupMember]:
    member = GroupMember(
        bootstrap_servers=kafka_bootstrap,
        group=group,
        client_id="test",
        topics=[topic],
        on_batch=on_batch,
    )
    try:
        await member.start()
        yield member
    finally:  # a member that is left behind would keep its partitions
        await member.stop()


async def committed(kafka_bootstrap: str, group: str) -> int:
    """Return how many records of the topic the group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
        return sum(max(0, each.offset) for each in offsets.values())
    finally:
        await admin.close()


async def test_batches_arrive_raw_and_in_order(
    kafka_bootstrap: str, topic: str, group: str, send: Send
) -> None:
    seen = Seen()

    async def on_batch(_: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        await seen.add(records)

    await send(b"\x00\xff", None, b"{}")
    async with member_of(kafka_bootstrap, topic, group, on_batch):
        await seen.wait_for(3)

    assert seen.values == [b"\x00\xff", None, b"{}"]
    assert all(isinstance(record, ConsumerRecord) for record in seen.records)
    assert [record.headers for record in seen.records] == [(("odd", None),)] * 3


async def test_nothing_is_committed_but_by_commit(
    kafka_bootstrap: str, topic: str, group: str, send: Send
) -> None:
    seen, release = Seen(), asyncio.Event()

    async def on_batch(member: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        await seen.add(records)
        await release.wait()
        if records[-1].value == b"last":
            await member.commit(records)
            await seen.add(records)

    await send(b"1", b"2")
    async with member_of(kafka_bootstrap, topic, group, on_batch):
        await seen.wait_for(2)
        during = await committed(kafka_bootstrap, group)
        release.set()
        await send(b"3")
        await seen.wait_for(3)
        after = await committed(kafka_bootstrap, group)
        await send(b"last")
        await seen.wait_for(5)
        at_last = await committed(kafka_bootstrap, group)

    assert (during, after, at_last) == (0, 0, 4)


async def test_a_batch_that_the_callback_leaves_by_an_exception_is_delivered_again_before_the_next(
    kafka_bootstrap: str, topic: str, group: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faststream_consumer, "REDELIVERY_PAUSE_SECONDS", 0.05)
    seen = Seen()
    failures = 0

    async def on_batch(_: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        nonlocal failures
        if failures < 3:
            failures += 1
            await send(b"behind")
            raise RuntimeError("not this time")
        await seen.add(records)

    await send(b"1", b"2")
    async with member_of(kafka_bootstrap, topic, group, on_batch):
        await seen.wait_for(5)

    assert seen.values == [b"1", b"2", b"behind", b"behind", b"behind"]


async def test_stop_waits_for_the_callback_and_takes_its_commit_along(
    kafka_bootstrap: str, topic: str, group: str, send: Send
) -> None:
    seen, release = Seen(), asyncio.Event()

    async def on_batch(member: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        await seen.add(records)
        await release.wait()
        await member.commit(records)

    await send(b"1")
    async with member_of(kafka_bootstrap, topic, group, on_batch) as member:
        await seen.wait_for(1)
        stopping = asyncio.create_task(member.stop())
        done, _ = await asyncio.wait([stopping], timeout=0.5)
        waited = not done
        release.set()
        await stopping

    assert waited
    assert await committed(kafka_bootstrap, group) == 1


async def test_a_refusal_is_told_and_the_next_member_begins_after_what_was_committed(
    kafka_bootstrap: str, topic: str, group: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen()
    getmany = AIOKafkaConsumer.getmany

    async def on_batch(member: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        await member.commit(records)
        await seen.add(records)

    async def refuse(self: AIOKafkaConsumer, *given: object, **named: object) -> object:
        if self is member._subscriber.consumer:
            raise GroupAuthorizationFailedError(group)
        return await getmany(self, *given, **named)

    await send(b"1")
    async with member_of(kafka_bootstrap, topic, group, on_batch) as member:
        await seen.wait_for(1)
        assert not member.refused.is_set()
        monkeypatch.setattr(AIOKafkaConsumer, "getmany", refuse)
        async with asyncio.timeout(10):
            await member.refused.wait()
    await send(b"2")
    async with member_of(kafka_bootstrap, topic, group, on_batch):
        await seen.wait_for(2)

    assert seen.values == [b"1", b"2"]


async def test_what_is_not_read_yet_is_counted(
    kafka_bootstrap: str, topic: str, group: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faststream_consumer, "MAX_RECORDS", 2)
    seen, release = Seen(), asyncio.Event()

    async def on_batch(_: GroupMember, records: Sequence[ConsumerRecord]) -> None:
        await seen.add(records)
        await release.wait()

    await send(*(b"%d" % number for number in range(7)))
    async with member_of(kafka_bootstrap, topic, group, on_batch) as member:
        await seen.wait_for(2)
        meanwhile = await member.unread()
        release.set()
        await seen.wait_for(7)
        at_last = await member.unread()

    assert meanwhile == {topic: 5}
    assert at_last == {topic: 0}
