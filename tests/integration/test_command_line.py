"""`bookwith events tail`, `lag`, `dead-letters list`: what operators see of Kafka."""

import json
import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.booking import PageCreated, PagePublished
from contracts.envelope import Envelope
from contracts.policy import AccessGranted
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


@pytest.fixture
async def organizer_by_name(kafka_bootstrap: str) -> tuple[str, str]:
    """An organizer with events on two topics, as a name of sign-in and the namespace of its id."""
    namespace = uuid.uuid4()
    id_ = uuid.uuid5(namespace, "nora")
    page = PageCreated(
        organizer_id=id_,
        handle="nora",
        display_name="Nora",
        email="nora@example.test",
        time_zone="Europe/Oslo",
        locale="en",
        time_zone_locked=False,
    )
    granted = AccessGranted(user_id=id_, rule="ews_enabled", decided_by="user")
    producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
    await producer.start()
    first = datetime.now(UTC)
    # Another order than that of time: topic by topic.
    for number, event in ((0, page), (2, PagePublished(organizer_id=id_)), (1, granted)):
        headers = Envelope(
            id=str(uuid.uuid4()),
            type=event.TYPE,
            source=event.SOURCE,
            subject=event.subject,
            time=first + timedelta(seconds=number),
            partition_key=event.key,
            sequence=1,
        ).to_headers()
        value = event.model_dump_json().encode()
        await producer.send_and_wait(event.TOPIC, value, key=event.key.encode(), headers=headers)
    await producer.stop()
    return "nora", str(namespace)


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


def test_events_of_all_topics_are_printed_in_order_of_time_and_by_sign_in_name(
    kafka_bootstrap: str, organizer_by_name: tuple[str, str]
) -> None:
    name, namespace = organizer_by_name
    command = [sys.executable, "-m", "services.operations", "events", "tail", "--from-beginning"]
    asked = ["--no-follow", "--organizer", name, "--bootstrap-servers", kafka_bootstrap]

    def printed(*more: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **settings}
        return subprocess.run(
            [*command, *asked, *more], capture_output=True, text=True, check=False, env=environment
        )

    known = {"BOOKWITH_ORGANIZATION_NAMESPACE": namespace}
    lines = printed(**known).stdout.splitlines()
    everything = printed("--personal-data", **known).stdout
    unknown = printed(BOOKWITH_ORGANIZATION_NAMESPACE="")

    assert [line.split()[3] for line in lines] == ["PageCreated", "AccessGranted", "PagePublished"]
    assert lines == sorted(lines)
    assert "booking.events.v1       #1  PageCreated         handle nora" in lines[0]
    assert "nora@example.test" not in "".join(lines)
    assert "nora@example.test" in everything
    assert unknown.returncode == 2
    assert "BOOKWITH_ORGANIZATION_NAMESPACE" in unknown.stderr


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
