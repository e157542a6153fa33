"""What an adapter does for one connected calendar: read what takes time, write our bookings.

An adapter knows its provider and nothing of our tables; the worker keeps what it returns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from services.availability.domain.hours import WeeklyHours
from services.calendar_entry.entry import Entry

CalendarKind = Literal["icalendar_feed", "caldav", "microsoft_graph"]
# How a calendar says that its owner spends a time; which of them are busy is a setting of theirs.
BusyKind = Literal["busy", "tentative", "out_of_office", "working_elsewhere", "free"]
# Why a calendar cannot be read or written, as events, pages and mails name it.
BrokenReason = Literal[
    "unreachable",  # no answer, or one of a server that is broken
    "sign_in_refused",  # the password or the permission is not good any more
    "not_found",  # the server has no such calendar
    "forbidden",  # it may be read, not written, or neither
    "unreadable",  # an answer that is no calendar
    "too_large",
    "address_not_allowed",  # an address inside the deployment's own network
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyTime:
    """A time that an entry of the calendar takes; whose words are not kept."""

    start: datetime
    end: datetime
    kind: BusyKind = "busy"
    all_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """An entry that we have written, as the calendar has it now; without a start it is gone."""

    booking_uid: str
    key: str
    version: str | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedEntry:
    """An entry that could not be read; the others count."""

    key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time in which busy times are asked for."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A calendar as its adapter needs it; `secrets` are what the organizer has given, unsealed."""

    id: UUID
    organizer_id: UUID
    address: str
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    # The organizer's zone: of times that name none.
    time_zone: str = "UTC"
    # What the last reading returned as its `state`; empty at first, and when all is to be read.
    state: Mapping[str, Any] = field(default_factory=dict)
    # The addresses of whom the calendar belongs to: an invitation that they declined is no time.
    emails: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one reading found.

    `objects` are busy times by the provider's key of their entry: no times for one that takes none.
    Of a `complete` reading whatever is not named is gone; of another only `gone` is. Own entries
    (their UID is a booking's, `services.calendar_entry`) stand in `own` and never in `objects`.
    """

    complete: bool
    objects: Mapping[str, Sequence[BusyTime]] = field(default_factory=dict)
    gone: Sequence[str] = ()
    own: Sequence[OwnEntry] = ()
    skipped: Sequence[SkippedEntry] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    # The provider's regular hours of the organizer, where it knows any.
    hours: WeeklyHours | None = None
    # New secrets to keep, as a token that was renewed; None leaves them.
    secrets: Mapping[str, str] | None = None
    # What the calendar calls itself, where it does.
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where an entry of ours is, in which version; `join_url` if the provider made a meeting."""

    key: str
    version: str | None
    join_url: str | None = None


class Broken(Exception):
    """The calendar cannot be read or written, until somebody or something mends it."""

    def __init__(self, reason: BrokenReason, detail: str = "") -> None:
        """`detail` is for the log and never has a secret or an entry's words."""
        super().__init__(detail or reason)
        self.reason = reason


class ComeAgain(Exception):
    """The provider asks to wait for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


class ReadAgain(Exception):
    """The state of the last reading is worth nothing any more: all is to be read, from no state."""


class Changed(Exception):
    """The entry was changed or taken in the calendar, so it was not written (412, a taken UID)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCalendar:
    """A calendar that a server has for whoever signed in."""

    address: str
    name: str
    writable: bool
    colour: str | None = None


class Reader(Protocol):
    """Reads one kind of calendar."""

    async def read(self, calendar: Connected, window: Window) -> Changes:
        """Return what has changed since the state; raise Broken, ComeAgain, ReadAgain."""
        ...


class Finder(Protocol):
    """Finds the calendars of whoever signs in."""

    async def find(self, address: str, secrets: Mapping[str, str]) -> Sequence[FoundCalendar]:
        """Return the calendars at the address, or at its server; raise Broken, ComeAgain."""
        ...


class Writer(Protocol):
    """Writes our bookings into one kind of calendar: each has one entry, ever."""

    async def write(self, calendar: Connected, entry: Entry, known: Written | None) -> Written:
        """Make the entry or change the known one; raise Broken, ComeAgain, Changed.

        Making it once more, after a crash, finds the entry that is there and makes no second one.
        """
        ...

    async def remove(self, calendar: Connected, known: Written) -> None:
        """Take the entry out; one that is gone already is no fault."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What can be done with one kind of calendar; without a writer it is read only."""

    reader: Reader
    writer: Writer | None = None
    finder: Finder | None = None


Adapters = Mapping[CalendarKind, Adapter]
