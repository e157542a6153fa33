"""A subscriber that is not ours: kcat reads, `cloudevents` decodes, `jsonschema` validates."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from jsonschema import Draft202012Validator, FormatChecker

from deploy.local.settings import ROOT
from tests.e2e.client import StackClients, after

SCHEMAS = ROOT / "contracts" / "schemas"


def kcat(bootstrap: str, topic: str) -> list[dict[str, Any]]:
    """Read a topic to its end with Debian's kcat."""
    program = shutil.which("kcat")
    assert program, "kcat is missing: apt-get install kcat"
    done = subprocess.run(
        [program, "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def headers_of(record: dict[str, Any]) -> dict[str, bytes]:
    pairs = record["headers"]
    return {name: value.encode() for name, value in zip(pairs[::2], pairs[1::2], strict=True)}


@pytest.fixture(scope="module")
async def organizer_id(clients: StackClients) -> str:
    organizer = await clients.organizer("organizer-31")
    kind = await organizer.meeting_type(visibility="private")
    link = await organizer.link(kind["id"], max_uses=1)
    visitor = clients.visitor(link["token"])
    booked = (await visitor.book(kind["id"], after(3, 9), "foreign@example.test")).json()
    moved = await visitor.change(booked, "reschedule", {"start": after(3, 10)})
    cancelled = await visitor.change(booked, "cancel", {"reason": "No more"})
    assert (moved.status_code, cancelled.status_code) == (200, 200)
    return organizer.id


@pytest.mark.parametrize(
    "topic",
    [
        "booking.events.v1",
        "booking.attendees.v1",
        "availability.events.v1",
        "notifier.events.v1",
        "policy.events.v1",
    ],
)
async def test_what_kcat_reads_is_a_cloud_event_with_a_body_by_its_published_schema(
    clients: StackClients, organizer_id: str, topic: str
) -> None:
    records = kcat(clients.stack.kafka, topic)

    assert records
    for record in records:
        headers = headers_of(record)
        event = from_binary_event(
            KafkaMessage(headers, record["key"].encode(), record["payload"].encode())
        )
        schema = json.loads((SCHEMAS / topic / f"{event.get_type()}.json").read_text())
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(event.get_data())

        assert headers["ce_specversion"] == b"1.0"
        assert headers["content-type"] == b"application/json"
        assert headers["ce_dataschema"].decode() == schema["$id"]
        assert headers["ce_partitionkey"].decode() == record["key"]
        assert event.get_source() == f"/bookwith/{topic.partition('.')[0]}"


async def test_no_event_but_the_attendees_record_carries_personal_data(
    clients: StackClients, organizer_id: str
) -> None:
    for topic in ("booking.events.v1", "availability.events.v1", "notifier.events.v1"):
        text = json.dumps(kcat(clients.stack.kafka, topic))

        assert "foreign@example.test" not in text
        assert "Vera Visitor" not in text
        assert "No more" not in text
    assert "foreign@example.test" in json.dumps(kcat(clients.stack.kafka, "booking.attendees.v1"))


async def test_no_token_is_ever_published_or_logged(
    clients: StackClients, organizer_id: str
) -> None:
    for topic in ("booking.events.v1", "booking.attendees.v1", "notifier.events.v1"):
        text = json.dumps(kcat(clients.stack.kafka, topic))

        assert "bwm_" not in text
        assert "bwl_" not in text
    logs = service_logs(clients)

    assert "booking" in logs
    assert "bwm_" not in logs
    assert "bwl_" not in logs
    assert "foreign@example.test" not in logs


def service_logs(clients: StackClients) -> str:
    """Return all that the services have logged."""
    return "\n".join(
        log.read_text(errors="replace")
        for log in (clients.stack.state_dir / "logs").glob("*.log")
        if log.name.startswith(("booking", "availability", "notifier", "policy"))
    )
