"""The parties of a meeting as the notifier knows them when it writes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is met; `change_reason` is what was said with the change that the letter is about."""

    name: str
    email: str
    time_zone: str
    locale: str
    change_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Organizer:
    """How the organizer is written to by now, and whether all see the page in their zone.

    What is not known is as it was when the booking was made.
    """

    locale: str = "en"
    time_zone_locked: bool = False
    email: str | None = None
    time_zone: str | None = None
