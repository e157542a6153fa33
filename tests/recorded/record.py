"""Records a stack of this checkout: `python -m tests.recorded.record FOLDER` (see README.md)."""

import asyncio
import base64
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.topics import ALL_TOPICS
from deploy.local.postgres import binaries
from deploy.local.stack import LocalStack
from tests.checker.idle import wait_until_idle
from tests.recorded.api import BOOKING, Api, Request, until
from tests.recorded.story import Story, play, play_the_end

SERVICES = ("booking", "availability", "notifier", "policy")
# For this record only; whoever reads it needs the same ones.
ENVIRONMENT = {
    "BOOKWITH_ENVIRONMENT": "test",
    "BOOKWITH_PUBLIC_URL": "https://book.example.test",
    "BOOKWITH_TOKEN_KEYS": "1:"
    + base64.urlsafe_b64encode(b"a key of a record, not a secret!").decode(),
    "BOOKWITH_ORGANIZATION_NAMESPACE": "7b7bb7a1-50a5-4f6c-9a6c-8a6f0b0f7a11",
    "BOOKWITH_LINK_MINIMUM_SECONDS": "1",
    "BOOKWITH_HOLD_SECONDS": "20",
}


def main(folder: Path) -> None:
    """Play, and write what is left into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bookwith-") as state,
        LocalStack(Path(state), environment=ENVIRONMENT, say=print) as stack,
    ):
        api = Api(stack.url, stack.token)
        story = Story(api, stack.hold, lambda: _until_quiet(stack))
        play(story)
        asyncio.run(_put_poison(stack.kafka))
        until(lambda: all(_parked(stack, service) for service in SERVICES), "the dead letters")
        _until_quiet(stack)
        mails = _mails(stack)
        play_the_end(story)
        _write(folder / "answers.json.gz", _answers(stack, story, mails))
        for service in ("booking", "policy", "notifier"):
            stack.hold(service)
        for service in SERVICES:
            _write(folder / f"{service}.sql.gz", _dump(stack.database_url(service)))
        stack.release("kafka")
        stack.wait_for("kafka", restarts=1)
        records = asyncio.run(_records(stack.kafka))
        _write(folder / "topics.jsonl.gz", "".join(f"{json.dumps(each)}\n" for each in records))
        api.close()


def _write(path: Path, text: str) -> None:
    # Without a time in the header, the same text makes the same file.
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


def _until_quiet(stack: LocalStack) -> None:
    rest = asyncio.run(wait_until_idle(stack))
    assert not any(each.outbox or each.lag or each.unfinished for each in rest), rest


def _count(stack: LocalStack, service: str, query: str) -> int:
    with psycopg.connect(stack.database_url(service)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _parked(stack: LocalStack, service: str) -> bool:
    return _count(stack, service, "SELECT count(*) FROM parked") > 0


def _mails(stack: LocalStack) -> list[str]:
    """Return the Message-IDs of all mails so far."""
    found: list[str] = []
    cursor = ""
    while True:
        query = {"cursor": cursor} if cursor else {}
        answer = httpx.get(f"{stack.inbox_url}/api/messages", params=query, trust_env=False)
        items = answer.json()["items"]
        if not items:
            return found
        found += [item["message_id"] for item in items]
        cursor = items[-1]["id"]


def _answers(stack: LocalStack, story: Story, mails: list[str]) -> str:
    """Return what the services answer at the end, as JSON."""
    seen = [
        {"name": name, "request": asdict(request), "answer": asdict(story.api.send(request))}
        for name, request in _reads(story)
    ]
    repeatable = [
        {"request": asdict(request), "answer": asdict(answer)}
        for request, answer in story.repeatable
        if answer.status != 202
    ]
    document = {
        "recorded_at": datetime.now(UTC).isoformat(),
        "environment": ENVIRONMENT,
        "organizers": {who: stack.organizer_id(who) for who in ("anna", "bo")},
        "bookings": {name: made["id"] for name, made in story.bookings.items()},
        "manage_tokens": {name: made["manage_token"] for name, made in story.bookings.items()},
        "links": {name: made["id"] for name, made in story.links.items()},
        "seen": seen,
        "repeatable": repeatable,
        "message_ids": mails,
    }
    return json.dumps(document, indent=1)


def _reads(story: Story) -> Iterator[tuple[str, Request]]:
    """Yield each thing's address, as whoever may see it asks for it."""
    for who in ("anna", "bo"):
        yield f"page of {who}", _get("/page", who)
        yield f"types of {who}", _get("/meeting-types", who)
        yield f"bookings of {who}", _get("/bookings?limit=100", who)
    for handle in ("anna", "anna-again", "bo"):
        yield f"public page {handle}", _get(f"/public/pages/{handle}")
    for name, kind in story.types.items():
        who = "bo" if name.startswith("bo") else "anna"
        yield f"type {name}", _get(f"/meeting-types/{kind['id']}", who)
        yield f"links of {name}", _get(f"/meeting-types/{kind['id']}/links", who)
        yield f"type {name} to anybody", _get(f"/public/meeting-types/{kind['id']}")
    for name, link in story.links.items():
        yield f"link {name}", _get(f"/links/{link['id']}", "anna")
        yield f"link {name} to its holder", _get(f"/public/links/{link['token']}")
    for name, made in story.bookings.items():
        token = {"X-Manage-Token": made["manage_token"]}
        yield f"booking {name}", _get(f"/bookings/{made['id']}", None, token)
        yield f"calendar file of {name}", _get(f"/bookings/{made['id']}/invite.ics", None, token)
    for path in ("/organization", "/users/anna", "/users/bo", "/users/bo/effective", "/audit"):
        yield f"policy {path}", Request("policy", "GET", f"/api/policy/v1{path}", "ada")
    yield "letters", Request("notifier", "GET", "/api/notifier/v1/deliveries?limit=100", "otto")


def _get(path: str, who: str | None = None, headers: dict[str, str] | None = None) -> Request:
    return Request("booking", "GET", f"{BOOKING}{path}", who, headers or {})


def _dump(url: str) -> str:
    command = [str(binaries() / "pg_dump"), "--no-owner", "--no-privileges", "--inserts", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    # Comments, and the commands of psql itself: what is left is SQL.
    return "\n".join(line for line in lines if line and not line.startswith(("--", "\\"))) + "\n"


async def _put_poison(servers: str) -> None:
    """Put a record that nobody can read onto every topic that is read."""
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    await producer.start()
    for topic in _public_topics():
        await producer.send_and_wait(topic, b"\xff\xfe\x00 garbage", key=b"nobody")
    await producer.stop()


def _public_topics() -> tuple[str, ...]:
    return tuple(each.name for each in ALL_TOPICS if each.subscribers)


async def _records(servers: str) -> list[dict[str, Any]]:
    """Return every record of every topic, each partition in its order."""
    topics = [each.name for each in ALL_TOPICS]
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    ends = await consumer.end_offsets(sorted(consumer.assignment()))
    found: list[dict[str, Any]] = []
    for partition, end in ends.items():
        while await consumer.position(partition) < end:
            got = await consumer.getmany(partition, timeout_ms=500)
            found += [_as_json(record) for record in got.get(partition, [])]
    await consumer.stop()
    return sorted(found, key=lambda each: (each["topic"], each["partition"], each["offset"]))


def _as_json(record: Any) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _text(record.key),
        "headers": [[name, _text(value)] for name, value in record.headers],
        "value": _text(record.value),
    }


def _text(value: bytes | None) -> str | None:
    """Return bytes as text that keeps each of them; readable as long as they are ASCII."""
    return None if value is None else value.decode("latin-1")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
