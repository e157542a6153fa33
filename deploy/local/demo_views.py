"""What the demo shows: an organizer's events as Kafka holds them, and the mails of an inbox."""

import asyncio
import email
import email.policy
import json
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.topics import TOPICS

SHOWN = ("start", "reason", "purpose", "by", "rule", "recipient", "kind", "handle", "title")


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as far as the demo shows it."""

    topic: str
    sequence: int
    name: str
    body: dict[str, Any]

    def __str__(self) -> str:
        told = ", ".join(f"{name} {self.body[name]}" for name in SHOWN if self.body.get(name))
        return f"{self.topic:<23} #{self.sequence:<2} {self.name:<19} {told}"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as far as the demo shows it."""

    subject: str
    method: str
    uid: str
    ics_sequence: int

    def __str__(self) -> str:
        return f"{self.method} SEQUENCE:{self.ics_sequence}  {self.subject}"


def events_of(bootstrap_servers: str, organizer_id: str) -> list[Event]:
    """Return the organizer's events on all topics that are keyed by organizer or user."""
    records = asyncio.run(_read(bootstrap_servers))
    key = organizer_id.encode()
    return [_event(record) for record in records if record.key == key]


async def _read(bootstrap_servers: str) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in TOPICS if not topic.personal_data),
        bootstrap_servers=bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic.name, number)
            for topic in TOPICS
            if not topic.personal_data
            for number in range(topic.partitions)
        ]
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if ends[partition]}
        records: list[ConsumerRecord] = []
        while left:
            for partition, found in (await consumer.getmany(timeout_ms=500)).items():
                records += found
                if found[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
    finally:
        await consumer.stop()
    return sorted(records, key=lambda record: (record.timestamp, record.offset))


def _event(record: ConsumerRecord) -> Event:
    headers = {name: value.decode() for name, value in record.headers}
    name = headers["ce_type"].split(".")[-2]
    return Event(record.topic, int(headers["ce_sequence"]), name, json.loads(record.value))


def mails_to(inbox_url: str, address: str) -> list[Mail]:
    """Return the mails to the address, oldest first."""
    listed = httpx.get(f"{inbox_url}/api/messages", params={"to": address}, timeout=10).json()
    return [_mail(inbox_url, item["id"]) for item in listed["items"]]


def _mail(inbox_url: str, id_: str) -> Mail:
    raw = httpx.get(f"{inbox_url}/api/messages/{id_}/raw", timeout=10).content
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            lines = str(part.get_content()).replace("\r\n ", "").splitlines()
            held = dict(line.split(":", 1) for line in lines if ":" in line)
            return Mail(
                str(message["subject"]).strip(), held["METHOD"], held["UID"], int(held["SEQUENCE"])
            )
    return Mail(str(message["subject"]).strip(), "no calendar part", "", -1)
