"""What booking's tables are asked: owners, lists of ids, verdicts, attendees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import DateTime, Integer, Text, Uuid

from services.booking.tables import (
    attendees,
    bookings,
    meeting_types,
    pages,
    private_links,
    slot_claims,
    verdicts,
)
from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared

_id = bindparam("id", type_=Uuid)
_organizer_id = bindparam("organizer_id", type_=Uuid)
_cursor = bindparam("cursor", type_=Uuid)
_limit = bindparam("limit", type_=Integer)

_ORGANIZER_AT = prepared(select(pages.c.organizer_id).where(pages.c.handle == bindparam("handle")))
_ORGANIZER_OF_TYPE = prepared(select(meeting_types.c.organizer_id).where(meeting_types.c.id == _id))
_WANTED = prepared(
    select(
        meeting_types.c.organizer_id,
        exists()
        .where(slot_claims.c.organizer_id == meeting_types.c.organizer_id)
        .where(slot_claims.c.during.op("@>")(bindparam("start", type_=DateTime(timezone=True))))
        .where(slot_claims.c.booking_id != func.all(bindparam("own", type_=ARRAY(Uuid))))
        .where(func.coalesce(slot_claims.c.held_until > func.clock_timestamp(), True))
        .label("taken"),
    ).where(meeting_types.c.id == _id)
)
_TYPES = prepared(
    select(meeting_types.c.id)
    .where(meeting_types.c.organizer_id == _organizer_id, meeting_types.c.id > _cursor)
    .order_by(meeting_types.c.id)
    .limit(_limit)
)
_LINK = prepared(select(private_links).where(private_links.c.id == _id))
_LINKS = prepared(
    select(private_links.c.id)
    .where(private_links.c.meeting_type_id == _id, private_links.c.id > _cursor)
    .order_by(private_links.c.id)
    .limit(_limit)
)
_BOOKING = prepared(select(bookings).where(bookings.c.id == _id))
_SEEN = prepared(
    select(
        bookings,
        attendees.c.name,
        attendees.c.email,
        attendees.c.time_zone,
        attendees.c.locale,
        attendees.c.answers,
        attendees.c.change_reason,
        verdicts.c.accepted,
        verdicts.c.reasons,
    )
    .join(attendees, attendees.c.booking_id == bookings.c.id, isouter=True)
    .join(
        verdicts,
        (verdicts.c.booking_id == bookings.c.id) & (verdicts.c.starts_at == bookings.c.starts_at),
        isouter=True,
    )
    .where(bookings.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(bookings.c.id)
)
_over = exists().where(
    slot_claims.c.booking_id == bookings.c.id,
    slot_claims.c.held_until <= func.clock_timestamp(),
)
# The deadline decides, whether or not its timer has fired; `stored` is what the index knows.
_status = case(((bookings.c.status == "held") & _over, "released"), else_=bookings.c.status)
_BOOKINGS = prepared(
    select(bookings.c.id)
    .where(bookings.c.organizer_id == _organizer_id)
    .where(bookings.c.status == func.any(bindparam("stored", type_=ARRAY(Text))))
    .where(_status == func.any(bindparam("statuses", type_=ARRAY(Text))))
    .where(bookings.c.id > _cursor)
    .order_by(bookings.c.id)
    .limit(_limit)
)
_HELD = prepared(
    select(slot_claims.c.booking_id)
    .where(slot_claims.c.organizer_id == _organizer_id, slot_claims.c.held_until.is_not(None))
    .order_by(slot_claims.c.booking_id)
)
_EXPIRED_IN_THE_WAY = prepared(
    select(slot_claims.c.booking_id)
    .where(slot_claims.c.organizer_id == _organizer_id)
    .where(slot_claims.c.held_until <= func.clock_timestamp())
    .where(
        slot_claims.c.during.op("&&")(func.tstzrange(bindparam("starts_at"), bindparam("ends_at")))
    )
)
_EXPIRED_WITH_LINK = prepared(
    select(slot_claims.c.booking_id)
    .join(bookings, bookings.c.id == slot_claims.c.booking_id)
    .where(bookings.c.link_id == _id, bookings.c.status == "held")
    .where(slot_claims.c.held_until <= func.clock_timestamp())
)
_VERDICT = prepared(
    select(verdicts)
    .where(verdicts.c.booking_id == bindparam("booking_id", type_=Uuid))
    .where(verdicts.c.starts_at == bindparam("starts_at"))
)
_ATTENDEES = prepared(
    select(attendees).where(attendees.c.booking_id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
)

FIRST = UUID(int=0)
EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking belongs: enough to load all the streams that a command on it needs."""

    booking_id: UUID
    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None


async def organizer_at(connection: Connection, handle: str) -> UUID | None:
    """Return whose page has the handle."""
    row = await fetch_one(connection, _ORGANIZER_AT, handle=handle)
    return row["organizer_id"] if row else None


async def organizer_of_type(connection: Connection, meeting_type_id: UUID) -> UUID | None:
    """Return whose meeting type it is; None for a deleted one too."""
    row = await fetch_one(connection, _ORGANIZER_OF_TYPE, id=meeting_type_id)
    return row["organizer_id"] if row else None


async def wanted(
    connection: Connection, meeting_type_id: UUID, start: datetime, own: Sequence[UUID]
) -> Row | None:
    """Return whose meeting type it is, and whether another booking than one's own has the start.

    None for a deleted type too. The claim decides: what is free here may be taken by then.
    """
    return await fetch_one(connection, _WANTED, id=meeting_type_id, start=start, own=list(own))


async def types_of(
    connection: Connection, organizer_id: UUID, cursor: UUID = FIRST, limit: int = EVERY
) -> list[UUID]:
    """Return the organizer's meeting types after the cursor, oldest first."""
    rows = await fetch(connection, _TYPES, organizer_id=organizer_id, cursor=cursor, limit=limit)
    return [row["id"] for row in rows]


async def link(connection: Connection, link_id: UUID) -> Row | None:
    """Return where a private link belongs: organizer_id, meeting_type_id, issued_at."""
    return await fetch_one(connection, _LINK, id=link_id)


async def links_of(
    connection: Connection, meeting_type_id: UUID, cursor: UUID = FIRST, limit: int = EVERY
) -> list[UUID]:
    """Return the meeting type's private links after the cursor, oldest first."""
    rows = await fetch(connection, _LINKS, id=meeting_type_id, cursor=cursor, limit=limit)
    return [row["id"] for row in rows]


async def place_of(connection: Connection, booking_id: UUID) -> Place | None:
    """Return where the booking belongs."""
    row = await fetch_one(connection, _BOOKING, id=booking_id)
    if row is None:
        return None
    return Place(row["id"], row["organizer_id"], row["meeting_type_id"], row["link_id"])


async def seen(connection: Connection, booking_ids: Sequence[UUID]) -> list[Row]:
    """Return the bookings' rows with their attendee and verdict, by id."""
    return await fetch(connection, _SEEN, ids=list(booking_ids))


async def bookings_of(
    connection: Connection,
    organizer_id: UUID,
    statuses: Sequence[str],
    cursor: UUID = FIRST,
    limit: int = EVERY,
) -> list[UUID]:
    """Return the organizer's bookings in the states, after the cursor, oldest first."""
    rows = await fetch(
        connection,
        _BOOKINGS,
        organizer_id=organizer_id,
        statuses=list(statuses),
        stored=[*statuses, *(["held"] if "released" in statuses else [])],
        cursor=cursor,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def held_of(connection: Connection, organizer_id: UUID) -> list[UUID]:
    """Return the organizer's bookings that hold a slot for somebody who has not finished."""
    rows = await fetch(connection, _HELD, organizer_id=organizer_id)
    return [row["booking_id"] for row in rows]


async def expired_in_the_way(
    connection: Connection, organizer_id: UUID, starts_at: datetime, ends_at: datetime
) -> list[UUID]:
    """Return the bookings whose hold on an overlapping slot is over but not yet released."""
    rows = await fetch(
        connection,
        _EXPIRED_IN_THE_WAY,
        organizer_id=organizer_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return [row["booking_id"] for row in rows]


async def expired_with_link(connection: Connection, link_id: UUID) -> list[UUID]:
    """Return the bookings whose hold is over but still has a use of the link."""
    rows = await fetch(connection, _EXPIRED_WITH_LINK, id=link_id)
    return [row["booking_id"] for row in rows]


async def verdict(connection: Connection, booking_id: UUID, starts_at: datetime) -> Row | None:
    """Return availability's verdict on the slot: accepted, reasons, checked_at."""
    return await fetch_one(connection, _VERDICT, booking_id=booking_id, starts_at=starts_at)


async def attendees_of(connection: Connection, booking_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Return the attendees' rows by booking."""
    rows = await fetch(connection, _ATTENDEES, ids=list(booking_ids))
    return {row["booking_id"]: row for row in rows}
