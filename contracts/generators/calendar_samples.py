"""Samples of what happens to an organizer's connected calendar."""

from datetime import timedelta
from typing import Any

from contracts import availability
from contracts.event import ContractEvent
from contracts.generators.sample_values import CALENDAR, NOW, ORGANIZER


def calendars() -> tuple[ContractEvent, ...]:
    """Return one instance of each event about connected calendars."""
    calendar: dict[str, Any] = {
        "calendar_id": CALENDAR,
        "organizer_id": ORGANIZER,
        "kind": "caldav",
    }
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
    )
