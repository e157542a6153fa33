"""What a run leaves behind, as plain data: the only input of the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tests.e2e.topics import Record

Outcome = Literal["ok", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class SentCommand:
    """One command of one client, sent under one key until there was a definite answer."""

    key: str
    kind: Literal["book", "move", "cancel"]
    outcome: Outcome
    organizer_id: str
    email: str
    """The attendee's; no two bookings are asked for with the same."""
    start: datetime | None = None
    booking_id: str | None = None
    link_id: str | None = None
    status: int | None = None
    problem: str | None = None
    sendings: int = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """One event in a service's store."""

    service: str
    id: str
    stream: str
    version: int
    key: str
    sequence: int
    type: str
    time: datetime
    data: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.stream.partition("-")[2] or self.stream


@dataclass(frozen=True, slots=True)
class Booked:
    """A row of booking's read model."""

    booking_id: str
    status: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A time that a read model says is taken by a booking."""

    booking_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A letter that the notifier knows of."""

    booking_id: str
    ics_sequence: int
    recipient: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the inbox, with what its calendar part says."""

    message_id: str
    to: tuple[str, ...]
    method: str
    uid: str
    sequence: int


@dataclass(frozen=True, slots=True)
class IdleState:
    """What a service still had to do when the wait for quiet was over."""

    service: str
    ready: bool
    outbox: int
    lag: int
    unfinished: int
    seconds: float
    missing: str = ""
    """Why it is not ready, in its own words."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A bad record that was put onto a topic on purpose, and who must park it."""

    topic: str
    partition: int
    offset: int
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was to go wrong: how often it was wanted, and how often it did."""

    name: str
    wanted: int
    happened: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it."""

    asked: tuple[SentCommand, ...] = ()
    stored: tuple[Stored, ...] = ()
    records: tuple[Record, ...] = ()
    last_sequences: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The last sequence that was last_sequences for each (topic, key)."""
    booked: tuple[Booked, ...] = ()
    booking_claims: tuple[Claim, ...] = ()
    availability_claims: tuple[Claim, ...] = ()
    emails: Mapping[str, str] = field(default_factory=dict)
    """Each booking's attendee."""
    deliveries: tuple[Delivery, ...] = ()
    letters: tuple[Letter, ...] = ()
    """In the order in which they came."""
    dead_letters: tuple[Record, ...] = ()
    poisons: tuple[Poison, ...] = ()
    idle: tuple[IdleState, ...] = ()
    restarts: Mapping[str, int] = field(default_factory=dict)
    """How often each part of the stack was started again."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that does not hold, and the records that show it."""

    guarantee: str
    words: str
    shown_by: tuple[object, ...] = ()

    def __str__(self) -> str:
        shown = [repr(each)[:400] for each in self.shown_by[:5]]
        return "\n    ".join([f"{self.guarantee}: {self.words}", *shown])
