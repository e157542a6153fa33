"""What the booking service publishes: pages, meeting types, private links, bookings, attendees."""

from contracts.booking.attendees import Answer, AttendeeErased, AttendeeRecorded
from contracts.booking.bookings import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    SlotReleased,
    SlotReserved,
)
from contracts.booking.meeting_types import (
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
    Question,
    Reminder,
    WeeklyHours,
)
from contracts.booking.pages import (
    PageAddressRenewed,
    PageAllowed,
    PageChanged,
    PageCreated,
    PageDenied,
    PageOnlineMeetingChanged,
    PagePublished,
    PageUnpublished,
)
from contracts.booking.private_links import (
    LinkExpired,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    PrivateLinkIssued,
)

__all__ = [
    "Answer",
    "AttendeeErased",
    "AttendeeRecorded",
    "BookingCancelled",
    "BookingConfirmed",
    "BookingRescheduled",
    "LinkExpired",
    "LinkUseConsumed",
    "LinkUseReturned",
    "LinkUseTaken",
    "MeetingTypeChanged",
    "MeetingTypeCreated",
    "MeetingTypeDeleted",
    "PageAddressRenewed",
    "PageAllowed",
    "PageChanged",
    "PageCreated",
    "PageDenied",
    "PageOnlineMeetingChanged",
    "PagePublished",
    "PageUnpublished",
    "PrivateLinkChanged",
    "PrivateLinkIssued",
    "Question",
    "Reminder",
    "SlotReleased",
    "SlotReserved",
    "WeeklyHours",
]
