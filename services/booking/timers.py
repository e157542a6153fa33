"""Booking's timers, and the command that each runs."""

from services.booking.attendees.retention import RETENTION_TIMER, erasing_past
from services.booking.bookings.commands.release import end_taken, expire_hold, release_with_link
from services.booking.bookings.projection import (
    HOLD_TIMER,
    REQUEST_TIMER,
    TAKEN_TIMER,
    VERIFICATION_TIMER,
)
from services.booking.page.email_commands import expire_email
from services.booking.page.records import EMAIL_TIMER
from services.booking.private_links.commands import expire_link
from services.booking.private_links.records import LINK_HOLDS_TIMER, LINK_TIMER
from services.booking.settings import BookingSettings
from services.chassis.events.timers import Handler


def timers_of(settings: BookingSettings) -> dict[str, Handler]:
    """Return what each kind of timer fires."""
    return {
        HOLD_TIMER: expire_hold,
        REQUEST_TIMER: expire_hold,
        VERIFICATION_TIMER: expire_hold,
        TAKEN_TIMER: end_taken,
        LINK_TIMER: expire_link,
        LINK_HOLDS_TIMER: release_with_link,
        EMAIL_TIMER: expire_email,
        RETENTION_TIMER: erasing_past(settings.attendee_retention_days),
    }
