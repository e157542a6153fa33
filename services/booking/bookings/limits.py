"""Limits on bookings, checked inside the append's transaction, behind its organizer's lock.

All appends for an organizer are one after the other from the lock to the commit, so of two that
want the last place one counts the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.meeting_type import Settings
from services.booking.domain.periods import Period, day_of, week_of
from services.booking.domain.slot import Slot
from services.chassis.postgres.database import Statement, sql
from services.chassis.text.mail_address import same_address

# The functions are in migrations; both raise BW003 with the name of the rule.
_TIMES = sql("""
    SELECT refuse_more_bookings(%(booking_id)s, %(organizer_id)s, %(meeting_type_id)s,
        %(begins)s, %(ends)s, %(most)s, %(rule)s)
""")
_ATTENDEE = sql("""
    SELECT refuse_more_of_attendee(%(booking_id)s, %(organizer_id)s, %(forms)s::text[], %(most)s)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The booking that is counted, and whose limits count; its own times do not."""

    booking_id: UUID
    organizer_id: UUID
    meeting_type_id: UUID


def times_within(
    counted: Counted, slot: Slot, settings: Settings, time_zone: str
) -> Iterator[Statement]:
    """Yield what refuses one more booking of the type on that day, or in that week, in the zone."""
    for rule, most in (
        ("max_per_day", settings.max_per_day),
        ("max_per_week", settings.max_per_week),
    ):
        if most is not None:
            period = limited_period(rule, slot, time_zone)
            yield Statement(
                _TIMES,
                {
                    "booking_id": counted.booking_id,
                    "organizer_id": counted.organizer_id,
                    "meeting_type_id": counted.meeting_type_id,
                    "begins": period.start,
                    "ends": period.end,
                    "most": most,
                    "rule": rule,
                },
            )


def limited_period(rule: str, slot: Slot, time_zone: str) -> Period:
    """Return the day or the week in which the rule counts the slot."""
    period_of = {"max_per_day": day_of, "max_per_week": week_of}[rule]
    return period_of(slot.start, time_zone)


def attendee_within(counted: Counted, email: str, settings: Settings) -> Iterator[Statement]:
    """Yield what refuses one more booking to come of the address, however it is written.

    A request whose deadline has passed counts for nothing, whenever its timer fires.
    """
    if settings.max_active_per_attendee is not None:
        yield Statement(
            _ATTENDEE,
            {
                "booking_id": counted.booking_id,
                "organizer_id": counted.organizer_id,
                "forms": same_address(email),
                "most": settings.max_active_per_attendee,
            },
        )
