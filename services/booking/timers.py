"""Booking's timers, and the command that each runs."""

from services.booking.attendees.retention import RETENTION_TIMER, erasing_past
from services.booking.bookings.commands.release import expire_hold
from services.booking.bookings.projection import HOLD_TIMER
from services.booking.private_links.commands import expire_link
from services.booking.private_links.records import LINK_TIMER
from services.booking.settings import BookingSettings
from services.chassis.events.timers import Handler


def timers_of(settings: BookingSettings) -> dict[str, Handler]:
    """Return what each kind of timer fires."""
    return {
        HOLD_TIMER: expire_hold,
        LINK_TIMER: expire_link,
        RETENTION_TIMER: erasing_past(settings.attendee_retention_days),
    }
