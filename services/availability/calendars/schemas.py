"""Connected calendars as callers send and see them: no secret is ever shown again."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.availability.calendars.port import BrokenReason, CalendarKind
from services.availability.calendars.records import CalendarRow

LONGEST_ADDRESS = 2000
Address = Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS)]
Secret = Annotated[str, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Credentials(BaseModel):
    """Who signs in; without a user name nobody does."""

    model_config = ConfigDict(extra="forbid")

    user_name: Secret | None = None
    password: Secret | None = None

    def secrets(self) -> dict[str, str]:
        """Return what opens the calendar."""
        given = {"user_name": self.user_name, "password": self.password}
        return {name: value for name, value in given.items() if value is not None}


class Server(Credentials):
    """Where calendars are, and who signs in."""

    address: Address


class CalendarBody(Server):
    """A calendar to connect; `written` makes it the one that bookings are written to."""

    kind: Literal["icalendar_feed", "caldav"]
    name: Name | None = None
    written: bool = False


class CalendarPatch(Credentials):
    """What is to change of a connected calendar; with other credentials it is read at once."""

    name: Name | None = None
    written: bool | None = None
    address: Address | None = None


class SkippedResponse(BaseModel):
    """An entry that could not be read."""

    key: str
    why: str


class CalendarResponse(BaseModel):
    """A connected calendar and how it is."""

    id: UUID
    kind: CalendarKind
    name: str
    place: str = Field(description="The server; the rest of the address may be a secret.")
    written: bool = Field(description="Whether bookings are written into it.")
    writable: bool = Field(description="Whether they can be.")
    state: Literal["waiting", "ok", "failing", "broken"]
    reason: BrokenReason | None = Field(description="Why it cannot be read or written.")
    connected_at: datetime
    last_read_at: datetime | None
    failing_since: datetime | None
    closed_from: datetime = Field(
        description="Unless it is read again before, nothing is offered from then on."
    )
    skipped: list[SkippedResponse] = Field(description="Entries that could not be read.")


class CalendarsResponse(BaseModel):
    """The organizer's calendars."""

    items: list[CalendarResponse]
    kinds: list[CalendarKind] = Field(description="What this deployment can connect.")
    next_cursor: None = None


class FoundResponse(BaseModel):
    """A calendar that was found at a server."""

    address: str
    name: str
    writable: bool
    colour: str | None


class FoundCalendarsResponse(BaseModel):
    """The calendars that a server has for whoever signed in."""

    items: list[FoundResponse]
    next_cursor: None = None


class BusyPreview(BaseModel):
    """A time that an entry takes."""

    start: datetime
    end: datetime
    kind: str
    all_day: bool


class PreviewResponse(BaseModel):
    """What was read of a calendar that is not connected yet."""

    name: str | None
    entries: int
    next_busy: list[BusyPreview]
    skipped: list[SkippedResponse]


def calendar_response(row: CalendarRow, *, writable: bool) -> CalendarResponse:
    """Return the calendar as its organizer sees it."""
    state: Literal["waiting", "ok", "failing", "broken"] = "ok"
    if row.broken_since is not None:
        state = "broken" if row.announced else "failing"
    elif row.read_at is None:
        state = "waiting"
    return CalendarResponse(
        id=row.id,
        kind=row.kind,
        name=row.name,
        place=row.place,
        written=row.written,
        writable=writable,
        state=state,
        reason=row.broken_reason,
        connected_at=row.connected_at,
        last_read_at=row.read_at,
        failing_since=row.broken_since,
        closed_from=row.closed_from,
        skipped=[SkippedResponse(key=each["key"], why=each["why"]) for each in row.skipped],
    )
