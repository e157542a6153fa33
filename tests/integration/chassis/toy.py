"""A toy service: counters that are added to, published on a topic of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from contracts.event import ContractEvent
from services.chassis.events.codec import Codec
from services.chassis.events.decider import Decider
from services.chassis.events.retries import run_with_retries
from services.chassis.events.store import EventStore
from services.chassis.events.streams import Category, Recorded
from services.chassis.postgres import schema
from services.chassis.postgres.database import Connection, Database

TOPIC = "toy.events.v1"
SCHEMA = (
    schema.OUTBOX_1,
    schema.EVENT_STORE_1,
    schema.OUTBOX_2,
    schema.INBOX_1,
    schema.INBOX_2,
    schema.TIMERS_1,
    schema.IDEMPOTENCY_1,
    schema.IDEMPOTENCY_2,
    "CREATE TABLE effects (key text, counter text, amount integer)",
    "CREATE INDEX ON effects (counter)",
)


@dataclass(frozen=True, slots=True)
class Added:
    amount: int
    at: datetime


class AddedContract(ContractEvent):
    TYPE: ClassVar[str] = "io.bookwith.toy.Added.v1"
    TOPIC: ClassVar[str] = TOPIC
    KEY: ClassVar[str] = "owner"
    SUBJECT: ClassVar[str] = "counter"

    owner: str
    counter: str
    amount: int


def decide(total: int, command: Added) -> list[Added]:
    """Add what is asked for: the command is its own event."""
    return [command]


def evolve(total: int, event: Added) -> int:
    return total + event.amount


def translate(recorded: Recorded[Added]) -> AddedContract:
    return AddedContract(owner=recorded.key, counter=recorded.subject, amount=recorded.event.amount)


COUNTER = Category("counter", Decider(0, decide, evolve), Codec(Added), translate)
store = EventStore(TOPIC)


async def add(database: Database, owner: str, counter: UUID | str, amount: int = 1) -> UUID:
    """Add to a counter in a transaction of its own; return the event's id."""

    async def work(connection: Connection) -> UUID:
        stream = COUNTER.stream(counter)
        loaded = await store.load(connection, stream)
        change = loaded.get(stream).decide(Added(amount, loaded.now))
        await store.append(connection, owner, [change], at=loaded.now)
        added = await store.newest(connection, stream, Added)
        assert added is not None
        return added

    return await run_with_retries(database, work)
