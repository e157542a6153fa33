"""What the notifier's tables are asked: how things stand with a letter, and lists of deliveries."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.types import Integer, Text, Uuid

from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared
from services.notifier.domain.parties import Attendee, Organizer
from services.notifier.tables import attendees, deliveries, meetings, organizers

_organizer_id = bindparam("organizer_id", type_=Uuid)
_booking_id = bindparam("booking_id", type_=Uuid)
_state = bindparam("state", type_=Text)

_STANDING = prepared(
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
_SEEN = select(deliveries, attendees.c.email).join(
    attendees, attendees.c.attendee_id == deliveries.c.attendee_id, isouter=True
)
_DELIVERY = prepared(_SEEN.where(deliveries.c.id == bindparam("id", type_=Uuid)))
_DELIVERIES = prepared(
    _SEEN.where(deliveries.c.id > bindparam("cursor", type_=Uuid))
    .where(or_(_organizer_id.is_(None), deliveries.c.organizer_id == _organizer_id))
    .where(or_(_booking_id.is_(None), deliveries.c.booking_id == _booking_id))
    .where(or_(_state.is_(None), deliveries.c.state == _state))
    .order_by(deliveries.c.id)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at the moment when a letter would leave."""

    ics_sequence: int
    cancelled: bool
    attendee: Attendee | None
    organizer: Organizer


async def standing(
    connection: Connection,
    *,
    booking_id: UUID,
    organizer_id: UUID,
    attendee_id: UUID,
    correlation_id: str,
) -> Standing:
    """Return the booking's newest version, and who its parties are by now."""
    row = await fetch_one(
        connection,
        _STANDING,
        booking_id=booking_id,
        organizer_id=organizer_id,
        attendee_id=attendee_id,
    )
    assert row is not None  # written with the delivery
    organizer = (
        Organizer(
            row["organizer_locale"],
            row["time_zone_locked"],
            row["organizer_email"],
            row["organizer_time_zone"],
        )
        if row["organizer_locale"]
        else Organizer()
    )
    attendee = _attendee(row, correlation_id)
    return Standing(row["ics_sequence"], row["cancelled"], attendee, organizer)


async def delivery(connection: Connection, delivery_id: UUID) -> Row | None:
    """Return the delivery's row, with its attendee's address as `email`."""
    return await fetch_one(connection, _DELIVERY, id=delivery_id)


async def list_deliveries(
    connection: Connection,
    *,
    organizer_id: UUID | None,
    booking_id: UUID | None,
    state: str | None,
    cursor: UUID,
    limit: int,
) -> list[Row]:
    """Return the deliveries after the cursor, oldest first; None asks for all."""
    return await fetch(
        connection,
        _DELIVERIES,
        organizer_id=organizer_id,
        booking_id=booking_id,
        state=state,
        cursor=cursor,
        limit=limit,
    )


def _attendee(row: Row, correlation_id: str) -> Attendee | None:
    if row["email"] is None:
        return None
    # The words that were said with an earlier change do not belong to this one.
    said_now = row["said_in"] == correlation_id
    return Attendee(
        name=row["name"],
        email=row["email"],
        time_zone=row["time_zone"],
        locale=row["locale"],
        change_reason=row["change_reason"] if said_now else None,
    )
