"""A booked meeting with the events that booking publishes about it, and parties of its own."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts import booking
from contracts.values import InPerson, OrganizerContact, Period
from services.chassis.ids import new_id

TUESDAY = Period(
    start=datetime(2031, 3, 4, 9, 0, tzinfo=UTC), end=datetime(2031, 3, 4, 9, 45, tzinfo=UTC)
)
numbers = itertools.count(1)


def later(period: Period, days: int) -> Period:
    return Period(start=period.start + timedelta(days=days), end=period.end + timedelta(days=days))


@dataclass(slots=True)
class BookedMeeting:
    """One visitor's meeting with one organizer, whose addresses no other test uses."""

    organizer_id: UUID = field(default_factory=new_id)
    booking_id: UUID = field(default_factory=new_id)
    attendee_id: UUID = field(default_factory=new_id)
    request_id: UUID = field(default_factory=new_id)
    number: int = field(default_factory=lambda: next(numbers))
    period: Period = TUESDAY
    version: int = 0
    # Whether events name the attendee's record that was published with them, as booking does.
    names_records: bool = False

    @property
    def visitor(self) -> str:
        return f"visitor-{self.number}@visitors.example"

    @property
    def organizer(self) -> str:
        return f"organizer-{self.number}@bridges.example"

    def page_created(self, **changes: Any) -> booking.PageCreated:
        return booking.PageCreated(
            organizer_id=self.organizer_id,
            handle=f"anna-{self.number}",
            display_name="Anna (Department of Bridges)",
            email=changes.get("email", self.organizer),
            time_zone=changes.get("time_zone", "Europe/Copenhagen"),
            locale=changes.get("locale", "da"),
            time_zone_locked=changes.get("time_zone_locked", False),
        )

    def recorded(self, **changes: Any) -> booking.AttendeeRecorded:
        return booking.AttendeeRecorded(
            attendee_id=self.attendee_id,
            booking_id=self.booking_id,
            organizer_id=self.organizer_id,
            name="A Visitor of Bridges",
            email=changes.get("email", self.visitor),
            time_zone=changes.get("time_zone", "America/New_York"),
            locale="en",
            answers=changes.get("answers", ()),
            change_reason=changes.get("change_reason"),
            ics_sequence=changes.get("ics_sequence"),
        )

    def recipient(self) -> booking.RecipientRecorded:
        """The visitor as somebody who has no booking."""
        return booking.RecipientRecorded(
            attendee_id=self.attendee_id,
            organizer_id=self.organizer_id,
            email=self.visitor,
            time_zone="Europe/Copenhagen",
            locale="da",
        )

    def erased(self) -> booking.AttendeeErased:
        return booking.AttendeeErased(attendee_id=self.attendee_id)

    def data_erased(self) -> booking.DataErased:
        return booking.DataErased(
            organizer_id=self.organizer_id,
            attendee_id=self.attendee_id,
            booking_id=self.booking_id,
            erasure_id=new_id(),
            by="attendee",
            erased_at=datetime.now(UTC),
        )

    def data_requested(self) -> booking.DataRequested:
        return booking.DataRequested(
            organizer_id=self.organizer_id,
            attendee_id=self.attendee_id,
            request_id=self.request_id,
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )

    def confirmed(self) -> booking.BookingConfirmed:
        return booking.BookingConfirmed(**self._whole())

    def rescheduled(self) -> booking.BookingRescheduled:
        old, self.period = self.period, later(self.period, days=1)
        self.version += 1
        return booking.BookingRescheduled(**self._whole(), from_=old, to=self.period, by="attendee")

    def cancelled(self) -> booking.BookingCancelled:
        self.version += 1
        return booking.BookingCancelled(**self._whole(), by="organizer")

    def _whole(self) -> dict[str, Any]:
        return {
            "booking_id": self.booking_id,
            "organizer_id": self.organizer_id,
            "organizer": OrganizerContact(
                display_name="Anna", email=self.organizer, time_zone="Europe/Copenhagen"
            ),
            "meeting_type_id": UUID("c0ffee00-0000-7000-8000-000000000001"),
            "title": "A second opinion over coffee",
            "attendee_id": self.attendee_id,
            "start": self.period.start,
            "end": self.period.end,
            "location": InPerson(address="Bridge Street 7, third floor"),
            "uid": f"{self.booking_id}@bookwith",
            "ics_sequence": self.version,
            "attendee_recorded": self.names_records,
        }
