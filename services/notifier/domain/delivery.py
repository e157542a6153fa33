"""A delivery: one letter to one recipient about one version of a booking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

# `your_data` is the link to what is held about the attendee: it is about no version of a booking.
Kind = Literal["confirmation", "change", "cancellation", "your_data"]
Recipient = Literal["attendee", "organizer"]
DeliveryStatus = Literal["waiting", "sending", "retrying", "sent", "failed", "overtaken"]
RECIPIENTS: tuple[Recipient, ...] = ("attendee", "organizer")
# What still leaves, now or at its next attempt.
UNFINISHED: tuple[DeliveryStatus, ...] = ("waiting", "sending", "retrying")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The key of a letter, unique for ever: enqueued once and sent once, whatever is read twice."""

    booking_id: UUID
    ics_sequence: int
    recipient: Recipient
    kind: Kind


def is_overtaken(delivery: Delivery, current_sequence: int, cancelled: bool) -> bool:
    """Tell whether the booking has moved on since; a cancellation is never overtaken."""
    if delivery.kind in ("cancellation", "your_data"):
        return False
    return cancelled or delivery.ics_sequence < current_sequence


def message_id(delivery: Delivery, domain: str) -> str:
    """Return the Message-ID: a function of the delivery's key, so that a mail sent twice is one."""
    key = delivery
    return f"<{key.booking_id}.{key.ics_sequence}.{key.kind}.{key.recipient}@{domain}>"
