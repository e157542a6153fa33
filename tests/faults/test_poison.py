"""Records that cannot be read, on every topic that a service reads: each is parked once."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from contracts.topics import TOPICS
from tests.checker.check import check
from tests.checker.evidence import Fault, Poison
from tests.e2e.client import StackClients, new_key
from tests.e2e.topics import Record, read_topics
from tests.faults.load import BookableOrganizer, Load
from tests.faults.stack_under_test import StackUnderTest, words

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Bad:
    """A record to put onto a topic."""

    value: bytes
    headers: Headers
    key: bytes


def bad_records(model: Record, kind: str) -> Iterator[Bad]:
    """Return records that are bad in different ways; all but the last are no CloudEvents.

    The last one is an event of the kind by its headers, which are else those of the model.
    """
    good = [(name, value.encode()) for name, value in model.headers.items()]
    key = f"nobody-{new_key()[:8]}"
    yield Bad(b"\xff\xfe\x00 garbage", [], key.encode())
    yield Bad(b"{}", [("ce_specversion", b"9.9"), ("ce_id", b"x")], key.encode())
    yield Bad(b"{}", [each for each in good if each[0] != "ce_sequence"], key.encode())
    mine = {
        "ce_id": f"poison-{new_key()}",
        "ce_type": kind,
        "ce_sequence": "1",
        "ce_partitionkey": key,
        "ce_subject": key,
    }
    kept = [(name, mine[name].encode() if name in mine else value) for name, value in good]
    yield Bad(json.dumps({"organizer_id": 7}).encode(), kept, key.encode())


# An event of each topic that all its readers handle: its broken body must be parked by them.
READ_BY_ALL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "booking.events.v1": {"BookingConfirmed": ("availability", "notifier")},
    "booking.attendees.v1": {"AttendeeRecorded": ("notifier",)},
    "availability.events.v1": {"SlotAccepted": ("booking",)},
    "notifier.events.v1": {"MailDataErased": ("booking",)},
    "policy.events.v1": {"AccessGranted": ("booking",)},
}


async def test_a_poison_record_is_parked_once_and_the_records_around_it_are_processed(
    stack_under_test: StackUnderTest, clients: StackClients, organizers: list[BookableOrganizer]
) -> None:
    first = Load(clients, organizers)
    await first.run(21)
    records = await records_of_all_topics(stack_under_test.stack.kafka)
    put = await put_poison(stack_under_test.stack.kafka, records)
    second = Load(clients, organizers)
    await second.run(21)
    stack_under_test.asked += first.asked + second.asked
    stack_under_test.poisons += put
    evidence = await stack_under_test.evidence([Fault("poison", len(put), len(put))])
    violations = check(evidence)
    parked = {
        (record.topic, record.headers["dlt_reason"]): record for record in evidence.dead_letters
    }

    assert violations == [], words(violations)
    for topic in TOPICS:
        for group in topic.subscribers:
            assert (f"{topic.name}.{group}.dlt", "unreadable") in parked
    invalid = {name for name, reason in parked if reason == "invalid"}
    assert invalid == {
        f"{topic}.{group}.dlt"
        for topic, events in READ_BY_ALL.items()
        for groups in events.values()
        for group in groups
    }
    for record in evidence.dead_letters:
        assert record.headers["dlt_error"]
        assert int(record.headers["dlt_attempts"]) >= 1


async def records_of_all_topics(bootstrap: str) -> list[Record]:
    """Return what is on the topics, once each of them has a record: mails take a moment."""
    async with asyncio.timeout(30):
        while True:
            records = await read_topics(bootstrap)
            if {*READ_BY_ALL} <= {record.topic for record in records}:
                return records
            await asyncio.sleep(0.2)


async def put_poison(bootstrap: str, records: list[Record]) -> list[Poison]:
    """Put each kind of bad record onto each topic, onto partitions that are in use."""
    put: list[Poison] = []
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for topic in TOPICS:
            for name, groups in READ_BY_ALL.get(topic.name, {}).items():
                model = next(record for record in records if record.topic == topic.name)
                kind = f"io.bookwith.{topic.publisher}.{name}.v1"
                *unreadable, broken = bad_records(model, kind)
                for bad, readers in (
                    *((each, topic.subscribers) for each in unreadable),
                    (broken, groups),
                ):
                    sent = await producer.send_and_wait(
                        topic.name,
                        value=bad.value,
                        key=bad.key,
                        headers=bad.headers,
                        partition=model.partition,
                    )
                    put.append(Poison(topic.name, sent.partition, sent.offset, readers))
    finally:
        await producer.stop()
    return put
