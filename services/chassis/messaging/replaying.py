"""Other services' events applied once more, by the handlers that applied them, into empty tables.

A record counts if it was applied before: the inbox says how far each key was, and a record that was
parked then has no effect now. So what comes of it is what stands there, and nothing ahead of it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.envelope import NotACloudEvent, decode
from services.chassis.messaging.batch import Batch
from services.chassis.messaging.headers import unpack
from services.chassis.messaging.marks import Mark, Marks, Verdict
from services.chassis.messaging.records import Readable, read
from services.chassis.messaging.subscriptions import Subscription
from services.chassis.messaging.whole_topics import WholeTopics
from services.chassis.postgres.connections import Connection
from services.chassis.postgres.pipeline import Pipeline

# Of the service's own tables: copies of the same names hide them while it is rebuilt.
_MARKS = b"SELECT key, sequence, recent FROM public.inbox WHERE topic = %s"
_PARKED = b"SELECT partition, record_offset FROM public.parked WHERE topic = %s"
_UNSENT = b"SELECT key, headers, value FROM public.outbox WHERE topic = %s ORDER BY position"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A topic that is read again, with what is done about its events.

    Of a topic of the service's `own` all events count, those too that are not published yet.
    """

    subscription: Subscription
    own: bool = False


@dataclass(slots=True)
class _Applied:
    """What was applied of a topic before."""

    marks: dict[str, Mark]
    parked: frozenset[tuple[int, int]]

    def has(self, record: Readable) -> bool:
        mark = self.marks.get(record.key)
        return mark is not None and mark.judge(record.number) is Verdict.DUPLICATE


async def replay(
    connection: Connection, topics: WholeTopics, service: str, replayed: Sequence[Replayed]
) -> None:
    """Apply the events of the topics again, one topic after the other.

    Raises:
        KafkaError: Kafka does not answer.
        TopicIncomplete: a topic does not have its first records any more.
    """
    for each in replayed:
        if each.own:
            await _take_own(connection, topics, each.subscription)
        else:
            await _apply_again(connection, topics, service, each.subscription)


async def _apply_again(
    connection: Connection, topics: WholeTopics, service: str, subscription: Subscription
) -> None:
    topic, handlers = subscription.topic, subscription.by_type()
    applied = await _applied(connection, topic)
    marks = Marks(topic, defaultdict(lambda: Mark(0)))
    async for records in topics.records(topic):
        # Nothing is parked behind another record: what was is parked itself.
        batch = Batch(connection, service, subscription, handlers, marks, parked={})
        async with Pipeline(connection):
            for raw in records:
                record = read(raw)
                if not isinstance(record, Readable) or not applied.has(record):
                    continue
                if (raw.partition, raw.offset) in applied.parked:
                    await batch.pass_over(record)
                else:
                    await batch.apply(record)
                    await batch.end_turn()


async def _applied(connection: Connection, topic: str) -> _Applied:
    marks = await (await connection.execute(_MARKS, [topic])).fetchall()
    parked = await (await connection.execute(_PARKED, [topic])).fetchall()
    return _Applied(
        {row["key"]: Mark(row["sequence"], row["recent"] or b"") for row in marks},
        frozenset((row["partition"], row["record_offset"]) for row in parked),
    )


async def _take_own(
    connection: Connection, topics: WholeTopics, subscription: Subscription
) -> None:
    async for records in topics.records(subscription.topic):
        for raw in records:
            await _take(connection, subscription, raw.key, raw.value, raw.headers)
    for row in await (await connection.execute(_UNSENT, [subscription.topic])).fetchall():
        headers = unpack(row["headers"])
        await _take(connection, subscription, row["key"], row["value"], headers)


async def _take(
    connection: Connection,
    subscription: Subscription,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
) -> None:
    try:
        envelope, body = decode(key, value, headers)
    except NotACloudEvent:
        return
    handler = subscription.by_type().get(envelope.type)
    if handler is not None:
        await handler.handle(connection, body, envelope)
