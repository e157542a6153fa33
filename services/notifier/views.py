"""Deliveries as callers see them."""

from collections.abc import Sequence
from uuid import UUID

from services.notifier import schemas
from services.notifier.domain.delivery import UNFINISHED
from services.notifier.queries import DeliveryRecord, Undelivered


def delivery(record: DeliveryRecord, caller_id: UUID) -> schemas.Delivery:
    """Return the delivery for the caller; its address if the meeting is the caller's own."""
    to_attendee = record.delivery.recipient == "attendee"
    address = record.attendee_email if to_attendee else record.organizer_email
    is_unfinished = record.status in UNFINISHED
    return schemas.Delivery(
        id=record.id,
        booking_id=record.delivery.booking_id,
        organizer_id=record.organizer_id,
        recipient=record.delivery.recipient,
        kind=record.delivery.kind,
        ics_sequence=record.delivery.ics_sequence,
        state=record.status,
        attempts=record.attempts,
        next_attempt_at=record.next_attempt_at if is_unfinished else None,
        gives_up_at=record.give_up_at if is_unfinished else None,
        # What is settled has no next attempt: there stands when it was.
        given_up_at=record.next_attempt_at if record.status == "failed" else None,
        last_error=record.last_error,
        smtp_code=record.smtp_code,
        message_id=record.message_id,
        created_at=record.created_at,
        sent_at=record.sent_at,
        address=address if record.organizer_id == caller_id else None,
    )


def undelivered(found: Sequence[Undelivered]) -> schemas.UndeliveredBookings:
    """Return the bookings of which a party was not reached."""
    return schemas.UndeliveredBookings(
        items=[
            schemas.UndeliveredBooking(booking_id=each.booking_id, recipients=list(each.recipients))
            for each in found
        ]
    )
