"""The calendar entry of one booking: who meets, when and where, in the same words everywhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Party:
    """A person in the calendar entry: a name, an e-mail address, nothing else."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the calendar entry says; `uid` stays for life, `sequence` grows with each change."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    zone: ZoneInfo
    organizer: Party
    attendee: Party
    summary: str
    location: str = ""
    description: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the entry calls the meeting and its parties; a mail shortens what was typed."""

    title: str
    organizer: str
    attendee: str


def entry_of(
    *,
    uid: str,
    sequence: int,
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    organizer: Party,
    attendee: Party,
    names: Names,
    place: str,
    join_url: str,
    description: str = "",
) -> Entry:
    """Return the entry of a booking; a link to join is its location, or else its place is."""
    return Entry(
        uid=uid,
        sequence=sequence,
        start=start,
        end=end,
        zone=zone,
        organizer=organizer,
        attendee=attendee,
        summary=f"{names.title}: {names.organizer} / {names.attendee}",
        location=join_url or place,
        description=description,
    )
