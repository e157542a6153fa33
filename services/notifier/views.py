"""Deliveries as callers see them."""

from uuid import UUID

from services.notifier import schemas
from services.notifier.domain.delivery import UNFINISHED
from services.notifier.queries import DeliveryRecord


def delivery(record: DeliveryRecord, caller_id: UUID) -> schemas.Delivery:
    """Return the delivery for the caller; its address if the meeting is the caller's own."""
    to_attendee = record.delivery.recipient == "attendee"
    address = record.attendee_email if to_attendee else record.organizer_email
    return schemas.Delivery(
        id=record.id,
        booking_id=record.delivery.booking_id,
        organizer_id=record.organizer_id,
        recipient=record.delivery.recipient,
        kind=record.delivery.kind,
        ics_sequence=record.delivery.ics_sequence,
        state=record.status,
        attempts=record.attempts,
        next_attempt_at=record.next_attempt_at if record.status in UNFINISHED else None,
        last_error=record.last_error,
        smtp_code=record.smtp_code,
        message_id=record.message_id,
        created_at=record.created_at,
        sent_at=record.sent_at,
        address=address if record.organizer_id == caller_id else None,
    )
