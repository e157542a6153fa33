"""Samples of what happens to an organizer's connected calendar."""

from datetime import timedelta
from typing import Any

from contracts import availability
from contracts.event import ContractEvent
from contracts.generators.sample_values import (
    BOOKING,
    CALENDAR,
    HALF_AN_HOUR,
    MOVED,
    NOW,
    ORGANIZER,
    START,
)
from contracts.values import Period


def calendars() -> tuple[ContractEvent, ...]:
    """Return one instance of each event about connected calendars and their entries."""
    calendar: dict[str, Any] = {
        "calendar_id": CALENDAR,
        "organizer_id": ORGANIZER,
        "kind": "caldav",
    }
    entry: dict[str, Any] = {
        "booking_id": BOOKING,
        "organizer_id": ORGANIZER,
        "calendar_id": CALENDAR,
        "ics_sequence": 0,
    }
    end = START + HALF_AN_HOUR
    return (
        availability.FreeBusyChanged(organizer_id=ORGANIZER, revision=3),
        availability.CalendarConnected(**calendar, written=True),
        availability.CalendarDisconnected(**calendar),
        availability.CalendarWritingChanged(**calendar, written=False),
        availability.CalendarConnectionBroken(
            **calendar,
            reason="sign_in_refused",
            since=NOW,
            closed_from=NOW + timedelta(days=1),
        ),
        availability.CalendarConnectionRestored(**calendar),
        availability.CalendarEntryMoved(
            **entry,
            from_=Period(start=START, end=end),
            to=Period(start=MOVED, end=MOVED + HALF_AN_HOUR),
        ),
        availability.CalendarEntryDeleted(**entry, start=START, end=end),
        availability.OnlineMeetingCreated(
            booking_id=BOOKING,
            organizer_id=ORGANIZER,
            join_url="https://teams.example.com/l/meetup-join/1",
            provider="teams",
        ),
    )
