"""A delivery: one letter that is owed to one recipient for one version of a booking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["confirmation", "change", "cancellation"]
Recipient = Literal["attendee", "organizer"]
RECIPIENTS: tuple[Recipient, ...] = ("attendee", "organizer")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The key of a letter, unique for ever: owed once, sent once, whatever is read twice."""

    booking_id: UUID
    ics_sequence: int
    recipient: Recipient
    kind: Kind


def owed(booking_id: UUID, ics_sequence: int, kind: Kind) -> list[Delivery]:
    """Return the deliveries that one event about a booking causes: one to each party."""
    return [Delivery(booking_id, ics_sequence, recipient, kind) for recipient in RECIPIENTS]


def overtaken(delivery: Delivery, current_sequence: int, cancelled: bool) -> bool:
    """Tell whether the booking has moved on since; a cancellation is never overtaken."""
    if delivery.kind == "cancellation":
        return False
    return cancelled or delivery.ics_sequence < current_sequence


def message_id(
    booking_id: UUID, ics_sequence: int, recipient: Recipient, kind: Kind, domain: str
) -> str:
    """Return the Message-ID: a function of the delivery's key, so that a mail sent twice is one."""
    return f"<{booking_id}.{ics_sequence}.{kind}.{recipient}@{domain}>"
