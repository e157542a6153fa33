"""What a service subscribes to: topics, and a handler for each type of event it cares about."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from contracts.envelope import Envelope
from contracts.event import ContractEvent
from services.chassis.postgres.database import Connection

E = TypeVar("E", bound=ContractEvent)

# What to do when a key of a compacted topic is erased.
TombstoneHandler = Callable[[Connection, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class EventHandler:
    """What to do about one type of event, given its body; raises pydantic's ValidationError."""

    event: type[ContractEvent]
    handle: Callable[[Connection, bytes, Envelope], Awaitable[None]]


def on(
    event: type[E], handler: Callable[[Connection, E, Envelope], Awaitable[None]]
) -> EventHandler:
    """Subscribe the handler to the type of event that it takes."""

    async def handle(connection: Connection, body: bytes, envelope: Envelope) -> None:
        await handler(connection, event.model_validate_json(body), envelope)

    return EventHandler(event, handle)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic with what this service does about its events; other types are skipped."""

    topic: str
    handlers: Sequence[EventHandler] = ()
    on_tombstone: TombstoneHandler | None = None

    def by_type(self) -> dict[str, EventHandler]:
        """Return the handlers by the name of their event's type.

        Raises:
            ValueError: two handlers are for one type.
        """
        found = {handler.event.TYPE: handler for handler in self.handlers}
        if len(found) < len(self.handlers):
            raise ValueError(f"two handlers for one type of event on {self.topic}")
        return found
