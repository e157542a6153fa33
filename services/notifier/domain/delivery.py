"""A delivery: one letter to one recipient about one version of a booking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

# The last two are mailed links that are about no version of a booking: to what is held about
# somebody, and to prove an address for an organizer's page.
Kind = Literal[
    "confirmation",
    "change",
    "cancellation",
    "details",
    "request",
    "request_change",
    "decline",
    "verification",
    "lapse",
    "ask",
    "move_request",
    "move_decline",
    "your_data",
    "prove_address",
]
Recipient = Literal["attendee", "organizer"]
DeliveryStatus = Literal["waiting", "sending", "retrying", "sent", "failed", "overtaken"]
RECIPIENTS: tuple[Recipient, ...] = ("attendee", "organizer")
# The letters that put a meeting into a calendar, or take it out.
CALENDAR_KINDS: frozenset[Kind] = frozenset({"confirmation", "change", "cancellation", "details"})
# The letters to an address that is not proven: nothing that somebody typed is sent there.
UNPROVEN_KINDS: frozenset[Kind] = frozenset({"verification", "lapse"})
# The letters with a link and nothing about a booking.
LINK_KINDS: frozenset[Kind] = frozenset({"your_data", "prove_address"})
# What is said in the end: nothing that comes later makes it needless.
_LAST: frozenset[Kind] = frozenset({"cancellation", "decline", "lapse", *LINK_KINDS})
# What asks for something, until that has happened, or something else has.
_ASKING: frozenset[Kind] = frozenset(
    {"request", "request_change", "verification", "ask", "move_request"}
)
# What still leaves, now or at its next attempt.
UNFINISHED: tuple[DeliveryStatus, ...] = ("waiting", "sending", "retrying")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The key of a letter, unique for ever: enqueued once and sent once, whatever is read twice.

    `occasion` is the booking's version at the event, for kinds that one version of the calendar
    entry may have several of; 0 for the others.
    """

    booking_id: UUID
    ics_sequence: int
    recipient: Recipient
    kind: Kind
    occasion: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest that is known of a booking: its calendar entry's version, and its own."""

    ics_sequence: int
    cancelled: bool
    version: int = 0


def occasion_of(kind: Kind, version: int) -> int:
    """Return what of the booking's version is a part of the letter's key."""
    return 0 if kind in ("confirmation", "change", "cancellation") else version


def is_overtaken(delivery: Delivery, newest: Newest) -> bool:
    """Tell whether the booking has moved on since, so that the letter would mislead."""
    if delivery.kind in _LAST:
        return False
    if delivery.kind in _ASKING:
        return newest.cancelled or delivery.occasion < newest.version
    return newest.cancelled or delivery.ics_sequence < newest.ics_sequence


def message_id(delivery: Delivery, domain: str) -> str:
    """Return the Message-ID: a function of the delivery's key, so that a mail sent twice is one."""
    key = delivery
    kind = f"{key.kind}-{key.occasion}" if key.occasion else key.kind
    return f"<{key.booking_id}.{key.ics_sequence}.{kind}.{key.recipient}@{domain}>"
