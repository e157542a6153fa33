"""A calendar that says what a test tells it to, behind the port."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.availability.calendars.port import (
    Adapter,
    BusyKind,
    BusyTime,
    Changes,
    Connected,
    FoundCalendar,
    OwnEntry,
    SkippedEntry,
    Window,
)

HOUR = timedelta(hours=1)


def busy(start: datetime, kind: BusyKind = "busy", length: timedelta = HOUR) -> BusyTime:
    """Return a time of an hour."""
    return BusyTime(start=start, end=start + length, kind=kind)


@dataclass(slots=True)
class ScriptedCalendar:
    """Answers each reading alike until a test says otherwise; remembers what it was asked."""

    objects: dict[str, Sequence[BusyTime]] = field(default_factory=dict)
    gone: Sequence[str] = ()
    own: Sequence[OwnEntry] = ()
    skipped: Sequence[SkippedEntry] = ()
    complete: bool = True
    fault: Exception | None = None
    state: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[Connected, Window]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def read(self, calendar: Connected, window: Window) -> Changes:
        """Answer a reading."""
        self.asked.append((calendar, window))
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return Changes(
            complete=self.complete,
            objects=self.objects,
            gone=self.gone,
            own=self.own,
            skipped=self.skipped,
            state=self.state,
            name="Work",
        )


@dataclass(slots=True)
class ScriptedCalendars:
    """The calendars of all tests, by their address."""

    calendars: dict[str, ScriptedCalendar] = field(default_factory=dict)

    def at(self, address: str) -> ScriptedCalendar:
        """Return the calendar at the address."""
        return self.calendars.setdefault(address, ScriptedCalendar())

    async def read(self, calendar: Connected, window: Window) -> Changes:
        """Let the calendar answer."""
        return await self.at(calendar.address).read(calendar, window)

    async def find(self, address: str, secrets: object) -> Sequence[FoundCalendar]:
        """Return one calendar."""
        return [FoundCalendar(address=f"{address}/work", name="Work", writable=True)]

    @property
    def adapter(self) -> Adapter:
        """Return the adapter that the service is built with."""
        return Adapter(reader=self, finder=self)
