"""A recorded stack: read, moved to yesterday, and put into empty databases and topics."""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaProducer

from deploy.local.stack import LocalStack
from tests.recorded.api import Answer, Request

FOLDER = Path(__file__).parent
SERVICES = ("booking", "availability", "notifier", "policy")
HOUR = timedelta(hours=1)

# PostgreSQL's form and JSON's: a date, a time of day and the offset of UTC.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|\+00|Z)")
_BYTES = re.compile(r"'\\x([0-9a-f]+)'")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was asked at the end of the recording, and the answer."""

    name: str
    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Staged:
    """One row of an outbox."""

    position: int
    topic: str
    sequence: int | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded stack, its instants moved so that it ended between one and two hours ago."""

    folder: Path
    environment: Mapping[str, str]
    bookings: Mapping[str, str]
    """The bookings' ids by their names in the story; the two below the same."""
    manage_tokens: Mapping[str, str]
    links: Mapping[str, str]
    seen: Sequence[Seen]
    repeatable: Sequence[tuple[Request, Answer]]
    """Commands as they were sent and answered: these are not moved."""
    message_ids: frozenset[str]
    records: Sequence[Record]
    later: timedelta

    def answer(self, name: str) -> Any:
        """Return the body that was answered for the thing with this name."""
        return next(each.answer.body for each in self.seen if each.name == name)

    def restore_databases(self, stack: LocalStack) -> None:
        """Run the dumps in the stack's empty databases."""
        for service in SERVICES:
            script = self._moved(_read(self.folder / f"{service}.sql.gz"))
            with psycopg.connect(stack.database_url(service), autocommit=True) as connection:
                connection.execute(script.encode())

    async def restore_topics(self, servers: str) -> None:
        """Put each record where it was: readers know it by its partition and offset."""
        producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True)
        await producer.start()
        try:
            sent = [
                await producer.send(
                    each.topic,
                    each.value,
                    each.key,
                    each.partition,
                    each.timestamp,
                    list(each.headers),
                )
                for each in self.records
            ]
            assert [(await each).offset for each in sent] == [each.offset for each in self.records]
        finally:
            await producer.stop()

    def _moved(self, text: str) -> str:
        return moved(text, self.later)


def recordings() -> list[str]:
    """Return the versions of which there is a recording."""
    return sorted(each.parent.name for each in FOLDER.glob("*/answers.json.gz"))


def load(version: str) -> Recording:
    """Read the recording of a version, moved to yesterday."""
    folder = FOLDER / version
    text = _read(folder / "answers.json.gz")
    as_recorded = json.loads(text)
    later = _later(datetime.fromisoformat(as_recorded["recorded_at"]))
    document = json.loads(moved(text, later))
    return Recording(
        folder=folder,
        environment=document["environment"],
        bookings=document["bookings"],
        manage_tokens=document["manage_tokens"],
        links=document["links"],
        seen=[
            Seen(each["name"], Request(**each["request"]), Answer(**each["answer"]))
            for each in document["seen"]
        ],
        repeatable=[
            (Request(**each["request"]), Answer(**each["answer"]))
            for each in as_recorded["repeatable"]
        ],
        message_ids=frozenset(document["message_ids"]),
        records=[
            _record(json.loads(line), later)
            for line in _read(folder / "topics.jsonl.gz").splitlines()
        ],
        later=later,
    )


def staged(url: str) -> list[Staged]:
    """Return the rows of an outbox in their order."""
    query = "SELECT position, topic, sequence, value FROM outbox ORDER BY position"
    with psycopg.connect(url) as connection:
        return [Staged(*row) for row in connection.execute(query)]


def moved(text: str, later: timedelta) -> str:
    """Return the text with each instant so much later, also in bytes that hold text."""

    def in_text(found: re.Match[str]) -> str:
        instant, offset = datetime.fromisoformat(found[0]) + later, found[2]
        parts = "microseconds" if found[1] else "seconds"
        written = instant.replace(tzinfo=None).isoformat(found[0][10], parts)
        return f"{written}{offset}"

    def in_bytes(found: re.Match[str]) -> str:
        # Latin-1 keeps every byte; what is no text has nothing that looks like an instant.
        inside = bytes.fromhex(found[1]).decode("latin-1")
        return f"'\\x{_INSTANT.sub(in_text, inside).encode('latin-1').hex()}'"

    return _INSTANT.sub(in_text, _BYTES.sub(in_bytes, text))


def _later(recorded_at: datetime) -> timedelta:
    """Return by how many whole hours the recording is moved.

    Whole hours keep the starts of slots where they are offered. More than one, so that all that was
    held is over; less than a day, so that all that is kept for a day is still there.
    """
    return (datetime.now(UTC) - recorded_at) // HOUR * HOUR - HOUR


def _record(found: dict[str, Any], later: timedelta) -> Record:
    return Record(
        topic=found["topic"],
        partition=found["partition"],
        offset=found["offset"],
        timestamp=found["timestamp"] + int(later.total_seconds() * 1000),
        key=_bytes(found["key"], later),
        headers=tuple((name, _bytes(value, later) or b"") for name, value in found["headers"]),
        value=_bytes(found["value"], later),
    )


def _bytes(text: str | None, later: timedelta) -> bytes | None:
    return None if text is None else moved(text, later).encode("latin-1")


def _read(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()
