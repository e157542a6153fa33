"""What the availability service publishes: verdicts on reserved slots, what calendars do."""

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.event import ContractEvent
from contracts.topics import AVAILABILITY_EVENTS
from contracts.values import Id, Instant, Purpose, Reason

CalendarKind = Annotated[
    str,
    Field(
        description="What the calendar is read by. New kinds may come.",
        examples=["icalendar_feed", "caldav", "microsoft_graph"],
    ),
]
BrokenReason = Annotated[
    str,
    Field(
        description="Why it cannot be read or written. New reasons may come.",
        examples=["unreachable", "sign_in_refused", "not_found", "forbidden", "unreadable"],
    ),
]


class Verdict(ContractEvent):
    """The answer to one SlotReserved; `ce_causationid` is that event's id."""

    TOPIC: ClassVar[str] = AVAILABILITY_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "booking_id"

    booking_id: Id
    organizer_id: Id
    start: Instant
    end: Instant
    purpose: Purpose
    checked_at: Instant
    reasons: tuple[Reason, ...] = ()


class SlotAccepted(Verdict):
    """The organizer is free at that time, by all rules of the meeting type."""

    TYPE = "io.bookwith.availability.SlotAccepted.v1"


class SlotRejected(Verdict):
    """The time is not to be had; each reason names the rule that says so."""

    TYPE = "io.bookwith.availability.SlotRejected.v1"


class FreeBusyChanged(ContractEvent):
    """The organizer's calendars take other times now; which ones, `GET /free-busy` tells."""

    TYPE = "io.bookwith.availability.FreeBusyChanged.v1"
    TOPIC: ClassVar[str] = AVAILABILITY_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "organizer_id"

    organizer_id: Id
    revision: int = Field(description="Grows with each change.")


class OfCalendar(ContractEvent):
    """An event about one connected calendar. Its address is in no event."""

    TOPIC: ClassVar[str] = AVAILABILITY_EVENTS
    KEY: ClassVar[str] = "organizer_id"
    SUBJECT: ClassVar[str] = "calendar_id"

    calendar_id: Id
    organizer_id: Id
    kind: CalendarKind


class CalendarConnected(OfCalendar):
    """The organizer connected a calendar, and it was read."""

    TYPE = "io.bookwith.availability.CalendarConnected.v1"

    written: bool = Field(description="Whether bookings are written into it.")


class CalendarDisconnected(OfCalendar):
    """The organizer took the calendar away; its times count no more."""

    TYPE = "io.bookwith.availability.CalendarDisconnected.v1"


class CalendarWritingChanged(OfCalendar):
    """Bookings are written into the calendar from now on, or no more."""

    TYPE = "io.bookwith.availability.CalendarWritingChanged.v1"

    written: bool


class CalendarConnectionBroken(OfCalendar):
    """The calendar cannot be read or written any more; its last known times count for a while."""

    TYPE = "io.bookwith.availability.CalendarConnectionBroken.v1"

    reason: BrokenReason
    since: Instant = Field(description="When it was last read.")
    closed_from: Instant = Field(
        description="From then on no time is offered, for what takes time cannot be known."
    )


class CalendarConnectionRestored(OfCalendar):
    """The calendar is read again."""

    TYPE = "io.bookwith.availability.CalendarConnectionRestored.v1"
