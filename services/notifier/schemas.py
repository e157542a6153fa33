"""What the notifier answers over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.chassis.http.listing import Identified
from services.notifier.domain.delivery import DeliveryStatus, Kind, Recipient


class Delivery(Identified):
    """What became of one mail; the address is shown to the meeting's organizer only."""

    booking_id: UUID
    organizer_id: UUID
    recipient: Recipient
    kind: Kind
    ics_sequence: int
    state: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    gives_up_at: datetime | None
    given_up_at: datetime | None
    last_error: str | None
    smtp_code: int | None
    message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    address: str | None


class UndeliveredBooking(BaseModel):
    """A booking of which a party was not reached: their last letter failed."""

    booking_id: UUID
    recipients: list[Recipient]


class UndeliveredBookings(BaseModel):
    """The caller's bookings of which a party was not reached, the newest first."""

    items: list[UndeliveredBooking]
