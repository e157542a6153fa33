"""The parties of a meeting as the notifier knows them when it writes."""

from dataclasses import dataclass

from services.calendar_entry.details import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """The attendee; `change_reason` was given with the change that the letter is about."""

    name: str
    email: str
    time_zone: str
    locale: str
    change_reason: str | None = None
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """How the organizer is written to now, and whether everybody sees the page in their zone.

    What is None is as it was when the booking was made.
    """

    locale: str = "en"
    time_zone_locked: bool = False
    email: str | None = None
    time_zone: str | None = None


# An attendee who is erased: the organizer still hears of their meeting, without the name.
NOBODY = Attendee(name="", email="", time_zone="UTC", locale="en")
