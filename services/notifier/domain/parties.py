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
    """How the organizer wants to be written to, and whether all see the page in their zone."""

    locale: str = "en"
    time_zone_locked: bool = False
