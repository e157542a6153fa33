"""The calendar entry of one booking in one party's calendar: who meets, when and where."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

# What a file asks for: to file the entry, to take it out, or nothing, as a file to download does.
Method = Literal["REQUEST", "CANCEL", "PUBLISH"]


@dataclass(frozen=True, slots=True)
class Party:
    """A person in the calendar entry: a name, an e-mail address, nothing else."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the calendar entry says; `uid` stays for life, `sequence` grows with each change.

    `sent_by` is the address that the file is mailed from, where that is not the organizer's;
    `colour` is one such as #1a73e8.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    zone: ZoneInfo
    organizer: Party
    attendees: tuple[Party, ...]
    summary: str
    location: str = ""
    description: str = ""
    cancelled: bool = False
    sent_by: str | None = None
    category: str | None = None
    colour: str | None = None
