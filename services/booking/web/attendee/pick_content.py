"""What the page says on which a time is picked: the variables of its template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.booking.web.attendee.meeting import MeetingWords
from services.booking.web.attendee.picker import Picker
from services.booking.web.attendee.zone_choice import ZoneChoice

# The hidden fields of a form: names and values.
Kept = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link with its text."""

    href: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """A day of the calendar as the page shows it; `free` is how many times it has.

    `month` is said where another month begins.
    """

    number: int
    month: str
    free: int
    chosen: bool
    today: bool
    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeButton:
    """A time to pick."""

    start: str
    label: str


@dataclass(frozen=True, slots=True)
class TimeGroup:
    """The times of one part of the day; `words` is the key of its name."""

    words: str
    times: Sequence[TimeButton]


@dataclass(frozen=True, slots=True)
class LengthChoice:
    """A length of the meeting that can be chosen."""

    href: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class NothingFree:
    """Why there is no free time: the key of the phrase, and the moment that it names."""

    words: str
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTime:
    """The time that this browser holds already, and where to go on with it."""

    when: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedMeeting:
    """When the meeting that is moved takes place so far, and the way back to it."""

    when: str
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForm:
    """The form that sends the chosen time; without a key it only asks for another page."""

    action: str
    key: str | None
    kept: Kept = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPage:
    """A month with its free days, and the free times of one day."""

    TEMPLATE: ClassVar[str] = "pick.html"

    meeting: MeetingWords
    duration: str
    lengths: Sequence[LengthChoice]
    organizers_page: str | None
    own_url: str | None
    picker: Picker
    path: str
    again: str
    month_words: str
    weekdays: Sequence[str]
    weeks: Sequence[Sequence[DayCell | None]]
    previous_month: TextLink | None
    next_month: TextLink | None
    go_on: TextLink | None
    day_words: str
    groups: Sequence[TimeGroup]
    goes_on: TextLink | None
    nothing: NothingFree | None
    zone: ZoneChoice
    form: TimeForm
    held: HeldTime | None = None
    moving: MovedMeeting | None = None
    chosen: TimeButton | None = None
    other_types: str | None = None
    """Where an organizer who books for somebody chooses another type."""


def kept_fields(**values: str | None) -> Kept:
    """Return the values that there are, as hidden fields of a form."""
    return [(name, value) for name, value in values.items() if value]
