"""What a service subscribes to: topics, and a handler for each type of event it cares about."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from contracts.registry import EVENTS_BY_TYPE
from services.chassis.postgres.database import Connection
from services.chassis.runtime.cause import Cause, current_cause

E = TypeVar("E", bound=ContractEvent)

# What to do when a key of a compacted topic is erased.
TombstoneHandler = Callable[[Connection, str], Awaitable[None]]


class Contradiction(ValueError):
    """A record says one thing in its envelope and another in its body, or on its topic."""


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event with its envelope, and the cause of what is done about it."""

    event: E
    envelope: Envelope
    cause: Cause


@dataclass(frozen=True, slots=True)
class EventHandler:
    """What to do about one type of event, given its body.

    It raises pydantic's ValidationError, and Contradiction. With `closes` it takes something away,
    as access: it is run also for an event that is parked because of its number, or behind another.
    """

    event: type[ContractEvent]
    handle: Callable[[Connection, bytes, Envelope], Awaitable[None]]
    closes: bool = False
    # What to do about events of different keys at once, instead.
    handle_all: Callable[[Connection, Sequence[Received[Any]]], Awaitable[None]] | None = None

    def read(self, body: bytes, envelope: Envelope) -> ContractEvent:
        """Return the event; raise ValidationError, Contradiction."""
        return _read(self.event, body, envelope)


def on(
    event: type[E],
    handler: Callable[[Connection, E, Envelope], Awaitable[None]],
    *,
    closes: bool = False,
) -> EventHandler:
    """Subscribe the handler to the type of event that it takes."""

    async def handle(connection: Connection, body: bytes, envelope: Envelope) -> None:
        await handler(connection, _read(event, body, envelope), envelope)

    return EventHandler(event, handle, closes)


def on_all(
    event: type[E],
    handler: Callable[[Connection, Sequence[Received[E]]], Awaitable[None]],
    *,
    closes: bool = False,
) -> EventHandler:
    """Subscribe a handler that takes several events at once, each of another key.

    It answers each within `caused_by` its cause.
    """

    async def handle(connection: Connection, body: bytes, envelope: Envelope) -> None:
        read = Received(_read(event, body, envelope), envelope, current_cause())
        await handler(connection, [read])

    return EventHandler(event, handle, closes, handle_all=handler)


def _read(event: type[E], body: bytes, envelope: Envelope) -> E:
    """Return the body; raise when it is not what the envelope says, as far as it can be read."""
    try:
        read = event.model_validate_json(body)
    except ValidationError as broken:
        faulty = {fault["loc"][0] for fault in broken.errors() if fault["loc"]}
        sound = {
            name: _text(body, name) for name in (event.KEY, event.SUBJECT) if name not in faulty
        }
        _compare(sound.get(event.KEY), sound.get(event.SUBJECT), envelope)
        raise
    _compare(read.key, read.subject, envelope)
    return read


def _compare(key: str | None, subject: str | None, envelope: Envelope) -> None:
    if key is not None and key != (envelope.partition_key or key):
        raise Contradiction("its key is not that of its body")
    if subject is not None and subject != envelope.subject:
        raise Contradiction("its subject is not that of its body")


def _text(body: bytes, name: str) -> str | None:
    """Return a field of a body that breaks the contract elsewhere, where it is there and a text."""
    try:
        found = json.loads(body).get(name)
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


@dataclass(frozen=True)
class Subscription:
    """A topic with what this service does about its events; other types are skipped."""

    topic: str
    handlers: Sequence[EventHandler] = ()
    on_tombstone: TombstoneHandler | None = None

    def concerns(self, headers: Sequence[tuple[str, bytes]]) -> bool:
        """Tell whether a record with the headers may be for a handler, or is to be parked."""
        if self.on_tombstone is not None:
            return True
        types = [held for name, held in headers if name == "ce_type"]
        return len(types) != 1 or types[0] in self._types

    @cached_property
    def _types(self) -> frozenset[bytes]:
        return frozenset(handler.event.TYPE.encode() for handler in self.handlers)

    def check(self, envelope: Envelope, *, tombstone: bool) -> None:
        """Raise Contradiction when what the envelope says cannot be on this topic."""
        event = EVENTS_BY_TYPE.get(envelope.type)
        for handler in self.handlers:
            if envelope.type == handler.event.TYPE:
                event = handler.event
            if envelope.source != handler.event.SOURCE:
                raise Contradiction("its source is not who publishes on this topic")
        if event is None:
            return
        if self.topic != event.TOPIC:
            raise Contradiction("its type belongs on another topic")
        if event.KEY == event.SUBJECT and envelope.partition_key != envelope.subject:
            raise Contradiction("its key is not its subject")
        if tombstone != event.TOMBSTONE:
            raise Contradiction("it has no body, or one where there should be none")

    @property
    def takes_many(self) -> bool:
        """Tell whether a handler takes several events at once."""
        return any(handler.handle_all for handler in self.handlers)

    def by_type(self) -> dict[str, EventHandler]:
        """Return the handlers by the name of their event's type.

        Raises:
            ValueError: two handlers are for one type.
        """
        found = {handler.event.TYPE: handler for handler in self.handlers}
        if len(found) < len(self.handlers):
            raise ValueError(f"two handlers for one type of event on {self.topic}")
        return found
