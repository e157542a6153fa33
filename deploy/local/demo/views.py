"""What the demo shows: an organizer's events as Kafka holds them, and the mails of an inbox."""

import asyncio
import email
import email.policy
import json
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import urlencode

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.topics import TOPICS
from deploy.local.client import Unreachable, call
from deploy.local.stack import LocalStack
from services.operations.event_lines import event_line

QUOTED_LINES = 4


class NoInbox(Exception):
    """The inbox cannot be read."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as far as the demo shows it."""

    topic: str
    sequence: int
    name: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return event_line(self.topic, self.sequence, self.name, self.body)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as far as the demo shows it."""

    subject: str
    parts: frozenset[str]
    first_lines: tuple[str, ...]
    method: str = "no calendar part"
    uid: str = ""
    ics_sequence: int = -1

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
    base = f"{inbox_url}/api/messages"
    try:
        listed = call("GET", f"{base}?{urlencode({'to': address})}").json()
        raw = [call("GET", f"{base}/{each['id']}/raw") for each in listed["items"]]
    except Unreachable as error:
        raise NoInbox(f"no mail can be seen to arrive: {inbox_url} does not answer.") from error
    return [_mail(each.body) for each in raw]


def _mail(raw: bytes) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part.get_content_type(): part for part in message.walk()}
    lines = _content(parts.get("text/plain")).splitlines()
    return Mail(
        str(message["subject"]).strip(),
        frozenset(parts),
        tuple(line for line in lines if line.strip())[:QUOTED_LINES],
        **_entry(_content(parts.get("text/calendar"))),
    )


def _content(part: Message | None) -> str:
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""


def _entry(calendar: str) -> dict[str, Any]:
    """Return what a calendar part says of its meeting; nothing if there is none."""
    lines = calendar.replace("\r\n ", "").splitlines()
    properties = dict(line.split(":", 1) for line in lines if ":" in line)
    if "METHOD" not in properties:
        return {}
    return {
        "method": properties["METHOD"],
        "uid": properties["UID"],
        "ics_sequence": int(properties["SEQUENCE"]),
    }


def deliveries(stack: LocalStack) -> str:
    """Return in words what the notifier says of the letters that it has to deliver."""
    headers = {"Authorization": f"Bearer {stack.token('otto')}"}
    url = f"{stack.url('notifier')}/api/notifier/v1/deliveries"
    try:
        answer = call("GET", url, headers=headers)
    except Unreachable:
        return "the notifier does not answer"
    if answer.status != 200:
        return f"the notifier answers {answer.status}"
    states = {
        f"{each['state']} ({each.get('last_error') or 'no error'})"
        for each in answer.json()["items"]
    }
    return f"to the notifier its letters are {', '.join(sorted(states)) or 'unknown'}"
