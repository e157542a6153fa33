"""`bookwith events tail`, `lag`, `dead-letters list`: what operators see of Kafka."""

import json
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.booking import PagePublished
from contracts.envelope import Envelope
from contracts.topics import BOOKING_EVENTS, NOTIFIER_EVENTS, dead_letter_topic


def bookwith(servers: str, *arguments: str) -> list[dict[str, Any]]:
    """Run the command with --json and return its lines."""
    command = [sys.executable, "-m", "services.operations", *arguments, "--json"]
    done = subprocess.run(
        [*command, "--bootstrap-servers", servers],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
async def organizer(kafka_bootstrap: str) -> str:
    """An organizer whose page was published: one event, and one dead letter of it."""
    organizer_id = uuid.uuid4()
    event = PagePublished(organizer_id=organizer_id)
    headers = Envelope(
        id=str(uuid.uuid4()),
        type=event.TYPE,
        source=event.SOURCE,
        subject=event.subject,
        time=datetime.now(UTC),
        partition_key=event.key,
        sequence=1,
    ).to_headers()
    record = {"key": event.key.encode(), "value": event.model_dump_json().encode()}
    notes = [("dlt_reason", b"refused"), ("dlt_topic", BOOKING_EVENTS.encode())]
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    await producer.send_and_wait(BOOKING_EVENTS, **record, headers=headers)
    letters = dead_letter_topic(BOOKING_EVENTS, "policy")
    await producer.send_and_wait(letters, **record, headers=[*headers, *notes])
    await producer.stop()
    return str(organizer_id)


def test_events_are_shown_decoded_and_filtered(kafka_bootstrap: str, organizer: str) -> None:
    tail = ("events", "tail", "--from-beginning", "--no-follow", "--organizer", organizer)
    [line] = bookwith(kafka_bootstrap, *tail)
    event = line["data"]

    assert line["ok"] is True
    assert event["name"] == "PagePublished"
    assert event["topic"] == BOOKING_EVENTS
    assert (event["subject"], event["sequence"]) == (organizer, 1)
    assert event["data"] == {"organizer_id": organizer}
    assert bookwith(kafka_bootstrap, *tail, "--type", "BookingConfirmed") == []
    assert bookwith(kafka_bootstrap, *tail, "--topic", NOTIFIER_EVENTS) == []


def test_dead_letters_are_listed_with_their_reason(kafka_bootstrap: str, organizer: str) -> None:
    [answer] = bookwith(kafka_bootstrap, "dead-letters", "list")
    [letter] = [each for each in answer["data"] if each["key"] == organizer]

    assert letter["group"] == "policy"
    assert letter["reason"] == "refused"
    assert letter["type"] == "io.bookwith.booking.PagePublished.v1"
    assert "data" not in letter


async def test_lag_counts_what_a_group_has_not_committed(
    kafka_bootstrap: str, organizer: str
) -> None:
    [before] = bookwith(kafka_bootstrap, "lag")
    consumer = AIOKafkaConsumer(
        BOOKING_EVENTS,
        bootstrap_servers=kafka_bootstrap,
        group_id="policy",
        enable_auto_commit=False,
    )
    await consumer.start()
    partitions = [TopicPartition(BOOKING_EVENTS, number) for number in range(12)]
    await consumer.commit(await consumer.end_offsets(partitions))
    await consumer.stop()
    [after] = bookwith(kafka_bootstrap, "lag")

    assert _of(before, "policy")["events"] > 0
    assert _of(before, "policy")["seconds"] > 0
    assert _of(after, "policy") == {
        "group": "policy",
        "topic": BOOKING_EVENTS,
        "events": 0,
        "seconds": 0.0,
    }


def _of(answer: dict[str, Any], group: str) -> dict[str, Any]:
    [row] = [each for each in answer["data"] if each["group"] == group]
    assert isinstance(row, dict)
    return row


def test_an_unknown_topic_and_a_broker_that_is_away_end_with_their_codes() -> None:
    command = [sys.executable, "-m", "services.operations", "events", "tail", "--json"]
    away = ("--bootstrap-servers", "127.0.0.1:9")
    unknown = subprocess.run(
        [*command, *away, "--topic", "nothing"], capture_output=True, text=True, check=False
    )
    refused = subprocess.run(
        [*command, *away, "--no-follow"], capture_output=True, text=True, check=False, timeout=60
    )

    assert unknown.returncode == 3
    assert json.loads(unknown.stdout)["error"]["code"] == "not_found"
    assert refused.returncode == 5
    assert json.loads(refused.stdout)["ok"] is False
