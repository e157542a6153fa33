"""Records that nobody can read, on every topic that a service reads: parked once, and passed by."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from contracts.topics import TOPICS
from tests.checker.check import check
from tests.checker.evidence import Fault, Poison
from tests.e2e.client import World, new_key
from tests.e2e.topics import Record, read_topics
from tests.faults.breaking import Bench, words
from tests.faults.load import Load, Place

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Bad:
    """A record to put onto a topic."""

    value: bytes
    headers: Headers
    key: bytes


def bad_records(model: Record) -> Iterator[Bad]:
    """Return records that are bad in different ways; all but the last are no CloudEvents."""
    good = [(name, value.encode()) for name, value in model.headers.items()]
    key = f"nobody-{new_key()[:8]}"
    yield Bad(b"\xff\xfe\x00 garbage", [], key.encode())
    yield Bad(b"{}", [("ce_specversion", b"9.9"), ("ce_id", b"x")], key.encode())
    yield Bad(b"{}", [each for each in good if each[0] != "ce_sequence"], key.encode())
    mine = {
        "ce_id": f"poison-{new_key()}",
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
    "policy.events.v1": {"AccessGranted": ("booking",)},
}


async def test_poison_is_parked_once_and_its_neighbours_are_processed(
    bench: Bench, world: World, where: list[Place]
) -> None:
    first = Load(world, where)
    await first.play(21)
    records = await read_topics(bench.stack.kafka)
    put = await put_poison(bench.stack.kafka, records)
    second = Load(world, where)
    await second.play(21)
    bench.asked += first.asked + second.asked
    bench.poisons += put
    evidence = await bench.evidence([Fault("poison", len(put), len(put))])
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


async def put_poison(bootstrap: str, records: list[Record]) -> list[Poison]:
    """Put each kind of bad record onto each topic, onto partitions that are in use."""
    put: list[Poison] = []
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for topic in TOPICS:
            for name, groups in READ_BY_ALL.get(topic.name, {}).items():
                model = next(r for r in records if (r.topic, r.name) == (topic.name, name))
                *unreadable, broken = bad_records(model)
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
