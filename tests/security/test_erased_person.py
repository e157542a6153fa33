"""After an erasure no trace of the person is left where this product keeps anything."""

import asyncio
import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.booking import AttendeeErased
from contracts.topics import ALL_TOPICS, BOOKING_ATTENDEES, dead_letter_topic
from deploy.local.postgres import binaries
from deploy.local.stack import LocalStack
from tests.component.kafka import OtherServices
from tests.e2e.client import BOOKING, StackClients, after, new_key, person, wait_until
from tests.e2e.inbox import Inbox
from tests.e2e.topics import read_topics
from tests.security.canaries import found_in

DATABASES = ("booking", "availability", "notifier", "policy")
DEAD_LETTERS = dead_letter_topic(BOOKING_ATTENDEES, "notifier")
COMPACTED = (BOOKING_ATTENDEES, DEAD_LETTERS)
QUESTION = {"id": "why", "label": "What about?", "kind": "text"}
TOKEN = re.compile(r"/me/(bwd_[A-Za-z0-9_-]{68})")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose words nobody else has."""

    mark: str

    @property
    def name(self) -> str:
        return f"Kanariefugl Ødegård {self.mark}"

    @property
    def email(self) -> str:
        return f"canary-{self.mark}@visitors.example"

    @property
    def answer(self) -> str:
        return f"about the bridge of {self.mark[::-1]}"

    @property
    def reason(self) -> str:
        return f"down with measles {self.mark[4:]}{self.mark[:4]}"

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name, self.email, self.answer, self.reason, self.mark)


def dumps(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    for name in DATABASES:
        command = [str(binaries() / "pg_dump"), "--inserts", stack.database_url(name)]
        yield (
            f"database {name}",
            subprocess.run(command, check=True, capture_output=True).stdout,
        )


def records(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    for record in asyncio.run(read_topics(stack.kafka, [topic.name for topic in ALL_TOPICS])):
        whole = f"{record.key} {record.headers} ".encode() + (record.value or b"")
        yield f"topic {record.topic}", whole


def logs(state_dir: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(state_dir.rglob("*.log")):
        if file.stem.isdigit():
            continue  # a segment of a topic, which is read as one
        yield f"log {file.name}", file.read_bytes()


def traces(stack: LocalStack, state_dir: Path, words: tuple[str, ...]) -> dict[str, set[str]]:
    """Return where which of the words are."""
    found: dict[str, set[str]] = {}
    for where, content in (*dumps(stack), *records(stack), *logs(state_dir)):
        if words_there := found_in(content, words):
            found.setdefault(where, set()).update(words_there)
    return found


async def book(clients: StackClients, type_id: str, who: Person, days: int) -> dict[str, Any]:
    body = {
        "meeting_type_id": type_id,
        "start": after(days, 10),
        "attendee": person(who.email, who.name),
        "answers": [{"question_id": "why", "value": who.answer}],
    }
    answer = await clients.visitor().caller.send("POST", f"{BOOKING}/bookings", body)
    assert answer.status_code == 201, answer.text
    booked: dict[str, Any] = answer.json()
    return booked


async def park_a_record(stack: LocalStack, attendee_id: uuid.UUID, who: Person) -> None:
    """Publish a record of the person that no consumer can apply: it goes to the dead letters."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka)
    await producer.start()
    try:
        others = OtherServices(producer)
        event = AttendeeErased(attendee_id=attendee_id)
        envelope = others.envelope(
            event, type="io.bookwith.booking.AttendeeRecorded.v1", sequence=2
        )
        await others.send(event, envelope, f'{{"name": "{who.name}"}}'.encode())
    finally:
        await producer.stop()

    async def parked() -> bool:
        found = await read_topics(stack.kafka, [DEAD_LETTERS])
        return any(record.key == str(attendee_id) and record.value for record in found)

    await wait_until(parked, 30, "the dead letter")


async def compact(stack: LocalStack) -> None:
    """Let Kafka compact at once what it compacts within a day, by new segments and new records."""
    hurry = {
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "100",
        "delete.retention.ms": "100",
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    topics = [topic for topic in ALL_TOPICS if topic.name in COMPACTED]
    try:
        await admin.alter_configs(
            [
                ConfigResource(
                    ConfigResourceType.TOPIC, topic.name, configs={**topic.config(), **hurry}
                )
                for topic in topics
            ]
        )
    finally:
        await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka)
    await producer.start()
    try:
        for _ in range(3):
            await asyncio.sleep(0.3)  # a segment is closed by a record that comes after its time
            for topic in topics:
                for partition in range(topic.partitions):
                    event = AttendeeErased(attendee_id=uuid.uuid4())
                    headers = OtherServices(producer).envelope(event).to_headers()
                    await producer.send_and_wait(
                        topic.name,
                        key=event.key.encode(),
                        value=None,
                        headers=headers,
                        partition=partition,
                    )
    finally:
        await producer.stop()


async def mailed_token(clients: StackClients, inbox: Inbox, who: Person) -> str:
    asked = await clients.visitor().caller.send(
        "POST", f"{BOOKING}/me/requests", {"email": who.email}
    )
    assert asked.status_code == 202

    async def letter() -> str | None:
        for mail in await inbox.to(who.email):
            if found := TOKEN.search(mail.text):
                return found[1]
        return None

    token: str = await wait_until(letter, 30, "the mail with the link")
    return token


async def test_an_erased_person_is_found_nowhere(
    stack: LocalStack, state_dir: Path, clients: StackClients, inbox: Inbox
) -> None:
    who = Person(uuid.uuid4().hex[:12])
    anna = await clients.organizer("anna")
    type_ = await anna.meeting_type(questions=[QUESTION])
    kept = await book(clients, type_["id"], who, 3)
    moved = await book(clients, type_["id"], who, 4)
    for verb, body in (
        ("reschedule", {"start": after(5, 10), "reason": who.reason}),
        ("cancel", {"reason": who.reason}),
    ):
        changed = await clients.visitor().change(moved, verb, body)
        assert changed.status_code == 200, changed.text
    with psycopg.connect(stack.database_url("booking")) as connection:
        row = connection.execute(
            "SELECT id FROM attendees WHERE booking_id = %s", [kept["id"]]
        ).fetchone()
    assert row is not None
    await park_a_record(stack, row[0], who)
    private = await anna.meeting_type(visibility="private")
    addressees = [{"name": who.name, "email": who.email}]
    await anna.link(private["id"], label=f"For {who.name}", addressees=addressees)
    token = await mailed_token(clients, inbox, who)
    caller, shown = clients.visitor().caller, {"X-Me-Token": token}
    held = (await caller.get(f"{BOOKING}/me", shown)).json()
    before = await asyncio.to_thread(traces, stack, state_dir, who.words)

    assert {kept["id"], moved["id"]} == {each["booking_id"] for each in held["bookings"]}
    assert {
        "database booking",
        "database notifier",
        f"topic {BOOKING_ATTENDEES}",
        f"topic {DEAD_LETTERS}",
    } == set(before)

    erased = await caller.send("DELETE", f"{BOOKING}/me", key=new_key(), headers=shown)
    assert erased.status_code == 202, erased.text

    async def receipts() -> bool:
        seen = (await caller.get(f"{BOOKING}/me", shown)).json()
        return all(each["erased_at"] for each in seen["erasure"]["receipts"])

    await wait_until(receipts, 30, "the receipts of all services")
    await compact(stack)

    async def gone() -> bool:
        return await asyncio.to_thread(traces, stack, state_dir, who.words) == {}

    try:
        await wait_until(gone, 90, "the end of all traces")
    except AssertionError:
        left = await asyncio.to_thread(traces, stack, state_dir, who.words)
        raise AssertionError(f"there are traces left: {left}") from None
    assert any("booking" in where for where, _ in logs(state_dir))
    seen = await anna.caller.get(f"{BOOKING}/bookings")
    assert {kept["id"], moved["id"]} <= {each["id"] for each in seen.json()["items"]}
    assert TOKEN.search("".join(str(content) for _, content in logs(state_dir))) is None


async def test_an_erased_addressee_of_a_private_link_is_found_nowhere(
    stack: LocalStack, state_dir: Path, clients: StackClients, inbox: Inbox
) -> None:
    who = Person(uuid.uuid4().hex[:12])
    anna = await clients.organizer("anna")
    private = await anna.meeting_type(visibility="private")
    person_there = {"name": who.name, "email": who.email}
    link = await anna.link(
        private["id"], label=f"For {who.name}", reference=who.mark, addressees=[person_there]
    )
    token = await mailed_token(clients, inbox, who)
    caller, shown = clients.visitor().caller, {"X-Me-Token": token}
    held = (await caller.get(f"{BOOKING}/me", shown)).json()
    before = await asyncio.to_thread(traces, stack, state_dir, who.words)

    assert [link["id"]] == [each["link_id"] for each in held["links"]]
    assert {"database booking", "database notifier", f"topic {BOOKING_ATTENDEES}"} == set(before)

    erased = await caller.send("DELETE", f"{BOOKING}/me", key=new_key(), headers=shown)
    assert (202, 1) == (erased.status_code, erased.json()["links_ended"])

    async def receipts() -> bool:
        seen = (await caller.get(f"{BOOKING}/me", shown)).json()
        return all(each["erased_at"] for each in seen["erasure"]["receipts"])

    await wait_until(receipts, 30, "the receipts of all services")
    await compact(stack)

    async def gone() -> bool:
        return await asyncio.to_thread(traces, stack, state_dir, who.words) == {}

    await wait_until(gone, 90, "the end of all traces")
    ended = await anna.caller.get(f"{BOOKING}/links/{link['id']}")
    assert ("revoked", []) == (ended.json()["state"], ended.json()["addressees"])


async def test_the_organizer_hears_of_the_cancelled_meeting_of_an_erased_attendee_without_the_name(
    clients: StackClients, inbox: Inbox
) -> None:
    who = Person(uuid.uuid4().hex[:12])
    bo = await clients.organizer("bo")
    type_ = await bo.meeting_type(questions=[QUESTION])
    booked = await book(clients, type_["id"], who, 3)
    ada = clients.signed_in("ada")
    found = await ada.send("POST", f"{BOOKING}/attendees/find", {"email": who.email})
    [attendee] = found.json()["items"]
    await wait_until(lambda: inbox.to(bo.email), 30, "the confirmation")
    mails = len(await inbox.to(bo.email))
    assert (await ada.send("DELETE", f"{BOOKING}/attendees/{attendee['id']}")).status_code == 204
    cancelled = await bo.caller.send("POST", f"{BOOKING}/bookings/{booked['id']}/cancel", {})
    assert cancelled.status_code == 200, cancelled.text

    async def another() -> Any:
        return (await inbox.to(bo.email))[mails:]

    [letter] = await wait_until(another, 30, "the cancellation")

    assert letter.method == "CANCEL"
    assert letter.uid == booked["uid"]
    assert set() == found_in(letter.raw, who.words)
    assert letter.message["Reply-To"] is None
