"""A letter: everything that one mail about a meeting says, before it has words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.calendar_entry.details import Answer, Changer, Place
from services.notifier.domain.delivery import UNPROVEN_KINDS, Delivery, Kind, Recipient


@dataclass(frozen=True, slots=True)
class Contact:
    """A party to a meeting, as the other one may know it."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Half-open and aware: `end` is the first instant after the meeting."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A booking as it stands at `ics_sequence`."""

    booking_id: UUID
    uid: str
    ics_sequence: int
    title: str
    slot: Slot
    organizer: Contact
    attendee: Contact
    location: Place
    join_url: str | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to be: `manage_url` opens the booking, so it is shown to its attendee only.

    `organizer_email` is where the organizer is reached by now; the calendar entry keeps the
    address that it was made with, or calendars would not know it again. `outcome` is why a request
    has ended, `deadline` until when an answer is awaited.
    """

    kind: Kind
    recipient: Recipient
    meeting: Meeting
    locale: str
    time_zone: str
    manage_url: str | None = None
    by: Changer | None = None
    change_reason: str | None = None
    old_slot: Slot | None = None
    organizer_email: str | None = None
    answers: tuple[Answer, ...] = ()
    occasion: int = 0
    outcome: str | None = None
    deadline: datetime | None = None
    wanted_slot: Slot | None = None
    verify_url: str | None = None
    has_calendar: bool = True

    @property
    def delivery(self) -> Delivery:
        """Return the key under which the letter is enqueued and sent."""
        meeting = self.meeting
        return Delivery(
            meeting.booking_id, meeting.ics_sequence, self.recipient, self.kind, self.occasion
        )

    @property
    def addressee(self) -> Contact:
        """Return the party that the letter goes to; one who is not proven to be it has no name."""
        if self.kind in UNPROVEN_KINDS:
            return Contact("", self.meeting.attendee.email)
        return self.meeting.attendee if self.recipient == "attendee" else self._organizer_now

    @property
    def counterpart(self) -> Contact:
        """Return the party that the letter is about."""
        return self._organizer_now if self.recipient == "attendee" else self.meeting.attendee

    @property
    def _organizer_now(self) -> Contact:
        organizer = self.meeting.organizer
        return Contact(organizer.name, self.organizer_email or organizer.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLetter:
    """A mail with a link for its reader alone, of the kinds that are about no meeting.

    It has no name: whoever typed the address may not be who reads its mail.
    """

    delivery: Delivery
    address: str
    locale: str
    time_zone: str
    url: str
    expires_at: datetime
