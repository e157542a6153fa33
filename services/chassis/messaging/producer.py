"""Publishing: messages packed into batches, one partition each, and what became of each.

The client's own `send` costs a future and several calls a message; packed here, a batch costs one.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, UnknownError

from services.chassis.messaging.aiokafka_internals import (
    BatchBuilder,
    abandon,
    partition_count,
    partition_for,
)
from services.chassis.messaging.brokers import addresses
from services.chassis.messaging.headers import unpack
from services.chassis.messaging.refusals import refuses_message, refuses_topic
from services.chassis.runtime.crash_points import reach

log = structlog.get_logger(__name__)

REQUEST_SECONDS = 4  # below the relay's lease
LOOKUP_SECONDS = 2.0  # for a topic that Kafka does not name at once
# How long the messages of a topic wait that Kafka does not have, or not for this service.
TOPIC_PAUSE_SECONDS = 10.0
# aiokafka has one name for a fault of the server, which passes, and for each answer that is newer
# than it, as that a record is invalid. With the relay's pauses these are about 15 seconds.
UNKNOWN_TRIES = 10
# A message as the outbox keeps it: position, topic, key, sequence, headers, value.
Outgoing = tuple[int, str, bytes | None, int | None, str, bytes | None]
Place = tuple[str, int]  # topic and partition


@dataclass(slots=True)
class Parcel:
    """Messages that are sent together, by their positions in the outbox."""

    builder: BatchBuilder
    positions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Packed:
    """Parcels by topic and partition, and the messages that could not be packed."""

    parcels: dict[Place, list[Parcel]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def positions(self) -> list[int]:
        """The positions of all that is packed."""
        packed = [each.positions for parcels in self.parcels.values() for each in parcels]
        return [*self.refused, *(position for positions in packed for position in positions)]


@dataclass(slots=True)
class Sent:
    """What became of the messages: acknowledged, refused for good, or not known."""

    acknowledged: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    complete: bool = True
    """Whether each message is acknowledged."""
    fault: BaseException | None = None
    """What passes, and kept the rest from being sent."""


class Publisher:
    """One idempotent producer, started when it is needed and given up after a fault."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None
        # Until when the messages of a topic wait, on the monotonic clock, and why.
        self._paused: dict[str, tuple[float, str]] = {}
        # Where a parcel of several messages was refused: there each is sent alone.
        self._one_by_one: set[Place] = set()
        self._tries: Counter[int] = Counter()

    def paused(self) -> dict[str, str]:
        """Return the topics whose messages wait for now, and why."""
        now = time.monotonic()
        self._paused = {name: held for name, held in self._paused.items() if held[0] > now}
        return {name: why for name, (_, why) in self._paused.items()}

    async def pack(self, messages: Iterable[Outgoing]) -> Packed:
        """Return the messages as batches, those of a key in one partition and in their order.

        Those of a topic that Kafka does not have, or not for this service, are left out.
        """
        producer = await self._started()
        packed = Packed()
        partitions: dict[str, int] = {}
        now = int(time.time() * 1000)
        for position, topic, key, sequence, held, value in messages:
            if topic not in partitions:
                partitions[topic] = await self._partitions(producer, topic)
            if not partitions[topic]:
                continue
            place = topic, partition_for(key, partitions[topic])
            try:
                headers = unpack(held)
                if sequence is not None:
                    headers.append(("ce_sequence", b"%d" % sequence))
                message = {"timestamp": now, "key": key, "value": value, "headers": headers}
                self._add(producer, packed.parcels.setdefault(place, []), position, place, message)
            except (ValueError, TypeError, AttributeError) as fault:
                packed.refused[position] = type(fault).__name__  # the row itself is broken
        return packed

    async def send(self, packed: Packed, seconds: float = REQUEST_SECONDS) -> Sent:
        """Publish the batches; those of one partition one after the other, so that none overtakes.

        Where a message is refused for good its partition goes no further: what became of the
        later ones is for the next round.
        """
        producer = await self._started()
        sent = Sent(refused=dict(packed.refused), complete=not packed.refused)
        queued = {place: list(parcels) for place, parcels in packed.parcels.items() if parcels}
        try:
            async with asyncio.timeout(seconds):
                first = {
                    place: await producer.send_batch(
                        parcels[0].builder, place[0], partition=place[1]
                    )
                    for place, parcels in queued.items()
                }
                reach("relay.sent")
                await asyncio.gather(
                    *(
                        self._send_all(producer, place, parcels, first[place], sent)
                        for place, parcels in queued.items()
                    )
                )
        except TimeoutError:
            sent.complete, sent.fault = False, sent.fault or KafkaTimeoutError()
        except KafkaError as fault:
            sent.complete, sent.fault = False, sent.fault or fault
        if sent.complete:
            self._one_by_one.clear()
            self._tries.clear()
        return sent

    async def drop(self) -> None:
        """Leave the producer; what it has not sent it never sends, lest it overtake a resend."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer, REQUEST_SECONDS + 1)

    def _add(
        self,
        producer: AIOKafkaProducer,
        parcels: list[Parcel],
        position: int,
        place: Place,
        message: Mapping[str, object],
    ) -> None:
        alone = place in self._one_by_one
        if parcels and not alone and parcels[-1].builder.append(**message):
            parcels[-1].positions.append(position)
            return
        parcel = Parcel(producer.create_batch(), [position])
        parcel.builder.append(**message)
        parcels.append(parcel)

    async def _partitions(self, producer: AIOKafkaProducer, topic: str) -> int:
        """Return how many partitions the topic has; none while its messages have to wait."""
        if topic in self._paused:
            return 0
        try:
            return await partition_count(producer, topic, LOOKUP_SECONDS)
        except KafkaError as fault:
            if not refuses_topic(fault):
                raise
            self._pause(topic, fault)
            return 0

    def _pause(self, topic: str, fault: BaseException) -> None:
        why = type(fault).__name__
        log.error("topic_refused", topic=topic, fault=why)
        self._paused[topic] = (time.monotonic() + TOPIC_PAUSE_SECONDS, why)

    async def _send_all(
        self,
        producer: AIOKafkaProducer,
        place: Place,
        parcels: Sequence[Parcel],
        acknowledgement: "asyncio.Future[object]",
        sent: Sent,
    ) -> None:
        """Note what becomes of a partition's parcels; stop at the first that is not taken."""
        topic, partition = place
        for number, parcel in enumerate(parcels):
            try:
                if number:
                    acknowledgement = await producer.send_batch(
                        parcel.builder, topic, partition=partition
                    )
                await acknowledgement
            except KafkaError as fault:
                sent.complete = False
                self._note(place, parcel, fault, sent)
                return
            sent.acknowledged += parcel.positions

    def _note(self, place: Place, parcel: Parcel, fault: KafkaError, sent: Sent) -> None:
        if refuses_topic(fault):
            self._pause(place[0], fault)
        elif not refuses_message(fault):
            sent.fault = fault
        elif len(parcel.positions) > 1:
            self._one_by_one.add(place)
        elif isinstance(fault, UnknownError) and self._may_pass(parcel.positions[0]):
            sent.fault = fault
        else:
            sent.refused[parcel.positions[0]] = type(fault).__name__

    def _may_pass(self, position: int) -> bool:
        """Count the tries of a message at which Kafka fails without saying whose fault it is."""
        self._tries[position] += 1
        if self._tries[position] < UNKNOWN_TRIES:
            return True
        del self._tries[position]
        return False

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=addresses(self._bootstrap_servers),
                acks="all",
                enable_idempotence=True,
                max_batch_size=256 * 1024,
                request_timeout_ms=REQUEST_SECONDS * 1000,
                metadata_max_age_ms=30_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
