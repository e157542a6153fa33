"""What the notifier's tables are asked: a delivery's state before sending, lists of deliveries."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.types import Integer, Text, Uuid

from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared
from services.notifier.domain.delivery import Delivery, DeliveryStatus
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.tables import attendees, deliveries, meetings, organizers

_organizer_id = bindparam("organizer_id", type_=Uuid)
_booking_id = bindparam("booking_id", type_=Uuid)
_state = bindparam("state", type_=Text)

_DELIVERY_STATE = prepared(
    select(
        meetings.c.ics_sequence,
        meetings.c.cancelled,
        attendees.c.name,
        attendees.c.email,
        attendees.c.time_zone,
        attendees.c.locale,
        attendees.c.change_reason,
        attendees.c.said_in,
        organizers.c.locale.label("organizer_locale"),
        organizers.c.time_zone_locked,
        organizers.c.email.label("organizer_email"),
        organizers.c.time_zone.label("organizer_time_zone"),
    )
    .select_from(meetings)
    .join(
        attendees,
        attendees.c.attendee_id == bindparam("attendee_id", type_=Uuid),
        isouter=True,
    )
    .join(organizers, organizers.c.organizer_id == _organizer_id, isouter=True)
    .where(meetings.c.booking_id == _booking_id)
)
_RECORDS = select(deliveries, attendees.c.email).join(
    attendees, attendees.c.attendee_id == deliveries.c.attendee_id, isouter=True
)
_DELIVERY = prepared(_RECORDS.where(deliveries.c.id == bindparam("id", type_=Uuid)))
_DELIVERIES = prepared(
    _RECORDS.where(deliveries.c.id > bindparam("cursor", type_=Uuid))
    .where(or_(_organizer_id.is_(None), deliveries.c.organizer_id == _organizer_id))
    .where(or_(_booking_id.is_(None), deliveries.c.booking_id == _booking_id))
    .where(or_(_state.is_(None), deliveries.c.state == _state))
    .order_by(deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryState:
    """What decides at the moment of sending: the booking's newest version, and its parties."""

    ics_sequence: int
    cancelled: bool
    attendee: Attendee | None
    organizer: Organizer


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One delivery with what became of it; the attendee's address is None once erased."""

    id: UUID
    delivery: Delivery
    organizer_id: UUID
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime
    last_error: str | None
    smtp_code: int | None
    message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    attendee_email: str | None
    organizer_email: str


async def delivery_state(
    connection: Connection,
    *,
    booking_id: UUID,
    organizer_id: UUID,
    attendee_id: UUID,
    correlation_id: str,
) -> DeliveryState:
    """Return the booking's newest version, and who its parties are by now."""
    row = await fetch_one(
        connection,
        _DELIVERY_STATE,
        booking_id=booking_id,
        organizer_id=organizer_id,
        attendee_id=attendee_id,
    )
    assert row is not None  # written with the delivery
    return DeliveryState(
        ics_sequence=row["ics_sequence"],
        cancelled=row["cancelled"],
        attendee=_attendee(row, correlation_id),
        organizer=_organizer(row),
    )


async def delivery(connection: Connection, delivery_id: UUID) -> DeliveryRecord | None:
    """Return the delivery, None if there is none."""
    row = await fetch_one(connection, _DELIVERY, id=delivery_id)
    return _record(row) if row else None


async def list_deliveries(
    connection: Connection,
    *,
    organizer_id: UUID | None,
    booking_id: UUID | None,
    status: DeliveryStatus | None,
    cursor: UUID,
    limit: int,
) -> list[DeliveryRecord]:
    """Return the deliveries after the cursor, oldest first; None asks for all."""
    rows = await fetch(
        connection,
        _DELIVERIES,
        organizer_id=organizer_id,
        booking_id=booking_id,
        state=status,
        cursor=cursor,
        limit=limit,
    )
    return [_record(row) for row in rows]


def _record(row: Row) -> DeliveryRecord:
    return DeliveryRecord(
        id=row["id"],
        delivery=Delivery(row["booking_id"], row["ics_sequence"], row["recipient"], row["kind"]),
        organizer_id=row["organizer_id"],
        status=row["state"],
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        last_error=row["last_error"],
        smtp_code=row["smtp_code"],
        message_id=row["message_id"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        attendee_email=row["email"],
        organizer_email=row["event"]["organizer"]["email"],
    )


def _organizer(row: Row) -> Organizer:
    if not row["organizer_locale"]:
        return Organizer()
    return Organizer(
        locale=row["organizer_locale"],
        time_zone_locked=row["time_zone_locked"],
        email=row["organizer_email"],
        time_zone=row["organizer_time_zone"],
    )


def _attendee(row: Row, correlation_id: str) -> Attendee | None:
    if row["email"] is None:
        return None
    # The reason that was given for an earlier change does not belong to this one.
    given_now = row["said_in"] == correlation_id
    return Attendee(
        name=row["name"],
        email=row["email"],
        time_zone=row["time_zone"],
        locale=row["locale"],
        change_reason=row["change_reason"] if given_now else None,
    )
