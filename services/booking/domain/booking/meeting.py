"""What was agreed: who meets whom, about what, where; everything but the time."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.location import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The organizer, as they were when the booking was confirmed."""

    display_name: str
    email: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was agreed apart from the time, as it stood when the booking was confirmed."""

    organizer: Contact
    title: str
    location: Location
    join_url: str | None
    colour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """All that a confirmed booking is, except its time."""

    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    attendee_id: UUID
    terms: Terms


def uid(booking_id: UUID) -> str:
    """Return the iCalendar UID that the booking has for life."""
    return f"{booking_id}@bookwith"
