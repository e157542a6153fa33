"""Streams: what kinds there are, one as it was loaded, and what a command adds to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from contracts.event import ContractEvent
from services.chassis.events.codec import Codec
from services.chassis.events.decider import Decider
from services.chassis.postgres.database import Statement

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


class VersionMismatch(Exception):
    """The caller wants to change a version that is no longer the newest."""


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event with its place in its stream: what publishing and projections read."""

    id: UUID
    stream: str
    version: int
    key: str
    time: datetime
    event: E

    @property
    def subject(self) -> str:
        """The aggregate's id."""
        return self.stream.partition("-")[2] or self.stream


def _projects_nothing(_: Recorded[Any]) -> Iterable[Statement]:
    return ()


@dataclass(frozen=True, slots=True)
class Category(Generic[S, C, E]):
    """A kind of stream: how it decides, how its events are stored, published and projected."""

    name: str
    decider: Decider[S, C, E]
    codec: Codec
    publish: Callable[[Recorded[E]], ContractEvent]
    project: Callable[[Recorded[E]], Iterable[Statement]] = _projects_nothing

    def stream(self, id_: UUID | str | None = None) -> "Stream[S, C, E]":
        """Return the stream of that aggregate; without an id the only one of its kind."""
        return Stream(self, self.name if id_ is None else f"{self.name}-{id_}")


@dataclass(frozen=True, slots=True)
class Stream(Generic[S, C, E]):
    """The events of one aggregate, by name."""

    category: Category[S, C, E]
    name: str


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S, C, E]):
    """A loaded stream: its folded state at a version."""

    stream: Stream[S, C, E]
    version: int
    state: S

    def decide(self, command: C) -> "Change[S, C, E]":
        """Return what the command adds to the stream; raises what the decider raises."""
        events = self.stream.category.decider.decide(self.state, command)
        return Change(self, events, [type(command).__name__] * len(events))

    def guard(self) -> "Change[S, C, E]":
        """Return a change without events: it only checks that the stream has not moved on."""
        return Change(self)


@dataclass(frozen=True, slots=True)
class Change(Generic[S, C, E]):
    """Events for one stream; without events it only guards the stream's version.

    `commands` names the command that caused each event.
    """

    aggregate: Aggregate[S, C, E]
    events: Sequence[E] = ()
    commands: Sequence[str] = ()

    @property
    def after(self) -> Aggregate[S, C, E]:
        """Return the aggregate as it is once the events are appended."""
        stream, version = self.aggregate.stream, self.aggregate.version
        state = stream.category.decider.fold_from(self.aggregate.state, self.events)
        return Aggregate(stream, version + len(self.events), state)

    def then(self, command: C) -> "Change[S, C, E]":
        """Return the change with what one more command adds to it."""
        more = self.after.decide(command)
        return Change(
            self.aggregate, [*self.events, *more.events], [*self.commands, *more.commands]
        )

    def expecting(self, version: int | None) -> "Change[S, C, E]":
        """Raise VersionMismatch when the caller has read another version; None has read any.

        Without events it is done already, perhaps by the request that this one repeats.
        """
        if self.events and version not in (None, self.aggregate.version):
            raise VersionMismatch
        return self


# Streams of different kinds change in one transaction.
AnyChange = Change[Any, Any, Any]
AnyStream = Stream[Any, Any, Any]
AnyCategory = Category[Any, Any, Any]
