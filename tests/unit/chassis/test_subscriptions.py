"""Subscriptions: a handler for each type of event, checked against it before anything runs."""

from datetime import UTC, datetime
from typing import ClassVar

import pytest
from psycopg import AsyncConnection, pq
from pydantic import ValidationError

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.messaging.subscriptions import Subscription, on
from services.chassis.postgres.database import Connection


class Opened(ContractEvent):
    TYPE: ClassVar[str] = "io.bookwith.toy.Opened.v1"
    TOPIC: ClassVar[str] = "toy.events.v1"
    KEY: ClassVar[str] = "door"
    SUBJECT: ClassVar[str] = "door"

    door: str


class Closed(ContractEvent):
    TYPE: ClassVar[str] = "io.bookwith.toy.Closed.v1"
    TOPIC: ClassVar[str] = "toy.events.v1"
    KEY: ClassVar[str] = "door"
    SUBJECT: ClassVar[str] = "door"

    door: str
    locked: bool


ENVELOPE = Envelope(
    id="1",
    type=Opened.TYPE,
    source=Opened.SOURCE,
    subject="front",
    time=datetime(2026, 12, 3, 10, 0, tzinfo=UTC),
)
DOORS: list[str] = []


async def on_opened(_: Connection, event: Opened, __: Envelope) -> None:
    DOORS.append(event.door)


async def on_either(_: Connection, event: Opened | Closed, __: Envelope) -> None:
    DOORS.append(event.door)


@pytest.fixture
def connection() -> Connection:
    """A connection that never reached a server."""
    return AsyncConnection(pq.PGconn.connect_start(b"host=/nowhere"))


def test_the_type_checker_rejects_a_handler_for_another_event() -> None:
    # Were it accepted, mypy would report these as unused.
    on(Closed, on_opened)  # type: ignore[arg-type] # the handler takes Opened
    on(ContractEvent, on_opened)  # type: ignore[arg-type] # it does not take every event
    on(Opened, on_either)
    on(Closed, on_either)


async def test_a_handler_gets_the_event_that_its_body_is(connection: Connection) -> None:
    DOORS.clear()
    await on(Opened, on_opened).handle(connection, b'{"door": "front"}', ENVELOPE)

    assert DOORS == ["front"]


async def test_a_body_that_breaks_the_contract_never_reaches_the_handler(
    connection: Connection,
) -> None:
    DOORS.clear()
    with pytest.raises(ValidationError):
        await on(Closed, on_either).handle(connection, b'{"door": "front"}', ENVELOPE)

    assert DOORS == []


def test_the_handlers_of_a_subscription_are_found_by_type_and_two_for_one_are_an_error() -> None:
    opened, closed = on(Opened, on_opened), on(Closed, on_either)

    assert {Opened.TYPE: opened, Closed.TYPE: closed} == Subscription(
        "toy.events.v1", [opened, closed]
    ).by_type()
    with pytest.raises(ValueError, match="two handlers"):
        Subscription("toy.events.v1", [opened, closed, on(Opened, on_either)]).by_type()


def test_a_record_concerns_those_who_handle_its_type() -> None:
    subscription = Subscription("doors", [on(Opened, on_opened)])
    opened, closed = (("ce_type", event.TYPE.encode()) for event in (Opened, Closed))

    assert subscription.concerns([opened])
    assert not subscription.concerns([closed])


def test_a_record_that_does_not_say_its_type_concerns_everybody() -> None:
    """It is to be parked."""
    subscription = Subscription("doors", [on(Opened, on_opened)])

    assert subscription.concerns([])
    assert subscription.concerns([("ce_type", b"a"), ("ce_type", b"b")])


def test_every_record_of_a_compacted_topic_concerns_who_copies_it() -> None:
    async def forget(connection: Connection, key: str) -> None: ...

    assert Subscription("doors", [on(Opened, on_opened)], forget).concerns([("ce_type", b"other")])
