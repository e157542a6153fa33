"""A subscriber that is not ours: plain aiokafka, no code of a service or of the contracts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer

TOPICS = (
    "booking.events.v1",
    "booking.attendees.v1",
    "availability.events.v1",
    "notifier.events.v1",
    "policy.events.v1",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on a topic."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: dict[str, str]
    value: bytes | None
    timestamp: int

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers.get("ce_id", "")

    @property
    def name(self) -> str:
        """The event's short name, such as BookingConfirmed."""
        words = self.headers.get("ce_type", "").split(".")
        return words[-2] if len(words) > 2 else ""

    @property
    def sequence(self) -> int:
        """Its number among the events of its key; 0 for what has none."""
        number = self.headers.get("ce_sequence", "")
        return int(number) if number.isdecimal() else 0

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.headers.get("ce_subject", "")

    @property
    def body(self) -> dict[str, Any]:
        """Its body, decoded."""
        document: dict[str, Any] = json.loads(self.value or b"{}")
        return document


async def read_topics(bootstrap: str, topics: Sequence[str] = TOPICS) -> list[Record]:
    """Return all that the topics hold right now, each partition in its order."""
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        assert {partition.topic for partition in partitions} == set(topics)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        records: list[Record] = []
        left = {partition for partition, end in ends.items() if end > 0}
        while left:
            for partition, found in (await consumer.getmany(*left, timeout_ms=500)).items():
                records.extend(_record(each) for each in found if each.offset < ends[partition])
            left = {each for each in left if await consumer.position(each) < ends[each]}
        return sorted(records, key=lambda each: (each.topic, each.partition, each.offset))
    finally:
        await consumer.stop()


def _record(found: Any) -> Record:
    return Record(
        found.topic,
        found.partition,
        found.offset,
        found.key.decode("latin-1") if found.key is not None else None,
        {name: value.decode("latin-1") for name, value in found.headers},
        found.value,
        found.timestamp,
    )
