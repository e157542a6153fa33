"""What the notifier's tables are asked: a delivery with what became of it, and lists of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.types import Integer, Text, Uuid

from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared, sql
from services.notifier.domain.delivery import LINK_KINDS, Delivery, DeliveryStatus, Recipient
from services.notifier.tables import attendees, deliveries, organizers

_organizer_id = bindparam("organizer_id", type_=Uuid)
_booking_id = bindparam("booking_id", type_=Uuid)
_state = bindparam("state", type_=Text)

_RECORDS = (
    select(deliveries, attendees.c.email, organizers.c.email.label("organizer_email"))
    .join(attendees, attendees.c.attendee_id == deliveries.c.attendee_id, isouter=True)
    .join(organizers, organizers.c.organizer_id == deliveries.c.organizer_id, isouter=True)
)
_DELIVERY = prepared(_RECORDS.where(deliveries.c.id == bindparam("id", type_=Uuid)))
_DELIVERIES = prepared(
    _RECORDS.where(deliveries.c.id > bindparam("cursor", type_=Uuid))
    # Who asks for their data does so without the organizer; an address to prove is no booking's.
    .where(
        or_(
            _organizer_id.is_(None),
            and_(
                deliveries.c.organizer_id == _organizer_id,
                *(deliveries.c.kind != kind for kind in sorted(LINK_KINDS)),
            ),
        )
    )
    .where(or_(_booking_id.is_(None), deliveries.c.booking_id == _booking_id))
    .where(or_(_state.is_(None), deliveries.c.state == _state))
    .order_by(deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)
# A letter that failed, and no later one to the same party that has arrived: the newest first. To
# who is erased nothing is sent, and that is no fault.
_UNDELIVERED = sql("""
    SELECT d.booking_id, array_agg(DISTINCT d.recipient) AS recipients FROM deliveries d
    WHERE d.organizer_id = %(organizer_id)s AND d.state = 'failed' AND d.kind <> ALL(%(link_kinds)s)
        AND NOT EXISTS (
            SELECT FROM deliveries e
            WHERE e.booking_id = d.booking_id AND e.recipient = d.recipient
                AND e.id > d.id AND e.state = 'sent')
        AND NOT EXISTS (SELECT FROM erasures x WHERE x.attendee_id = d.attendee_id)
    GROUP BY d.booking_id ORDER BY max(d.created_at) DESC LIMIT %(limit)s
""")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A booking of which a party was not reached."""

    booking_id: UUID
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """One delivery with what became of it; the attendee's address is None once erased."""

    id: UUID
    delivery: Delivery
    organizer_id: UUID
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime
    give_up_at: datetime
    last_error: str | None
    smtp_code: int | None
    message_id: str | None
    created_at: datetime
    sent_at: datetime | None
    attendee_email: str | None
    organizer_email: str


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


def is_seen_by(record: DeliveryRecord, organizer_id: UUID | None) -> bool:
    """Tell whether the delivery is in the organizer's list; None is who sees all."""
    own = record.organizer_id == organizer_id and record.delivery.kind not in LINK_KINDS
    return organizer_id is None or own


async def undelivered(connection: Connection, organizer_id: UUID, limit: int) -> list[Undelivered]:
    """Return the organizer's bookings of which a party was not reached, the newest first."""
    rows = await fetch(
        connection,
        _UNDELIVERED,
        organizer_id=organizer_id,
        limit=limit,
        link_kinds=sorted(LINK_KINDS),
    )
    return [Undelivered(row["booking_id"], tuple(row["recipients"])) for row in rows]


def _record(row: Row) -> DeliveryRecord:
    return DeliveryRecord(
        id=row["id"],
        delivery=Delivery(
            row["booking_id"], row["ics_sequence"], row["recipient"], row["kind"], row["occasion"]
        ),
        organizer_id=row["organizer_id"],
        status=row["state"],
        attempts=row["attempts"],
        next_attempt_at=row["next_attempt_at"],
        give_up_at=row["give_up_at"],
        last_error=row["last_error"],
        smtp_code=row["smtp_code"],
        message_id=row["message_id"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        attendee_email=row["email"],
        organizer_email=row["organizer_email"]
        or row["event"].get("organizer", {}).get("email", ""),
    )
