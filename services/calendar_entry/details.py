"""Details of a booking that its calendar entries and mails have in common; pure."""

from dataclasses import dataclass
from typing import Literal

Recipient = Literal["attendee", "organizer"]
Changer = Literal["attendee", "organizer", "administrator", "calendar"]


@dataclass(frozen=True, slots=True)
class InPerson:
    """The meeting is at an address."""

    address: str


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` is the one to be called; only an organizer's, given for that purpose, is shown."""

    who_calls: Recipient
    number: str | None


@dataclass(frozen=True, slots=True)
class Online:
    """Where to join is the meeting's link to join, which differs from booking to booking."""


Place = InPerson | Phone | Online


@dataclass(frozen=True, slots=True)
class Answer:
    """What the attendee answered to one of the organizer's questions, as it was asked."""

    question_id: str
    value: str | bool
    label: str | None = None


def zone_shown(recipient: Recipient, *, attendee: str, organizer: str, locked: bool) -> str:
    """Return the zone in which the recipient reads times; a locked page shows all its own."""
    return attendee if recipient == "attendee" and not locked else organizer
