"""Where bookings are found: by organizer and status; and where one belongs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Table, Text, Uuid, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from services.booking.bookings.claims import slot_claims
from services.booking.domain.periods import Period
from services.booking.metadata import Instant, metadata
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection, fetch, fetch_one, prepared, sql

# How long nobody takes the time or the use of a hold that shares a link's last use.
UNDISTURBED_SECONDS = 10

bookings = Table(
    "bookings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("link_id", Uuid),
    Column("status", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("bookings_of_organizer", "organizer_id", "status", "id"),
    Index("bookings_by_time", "organizer_id", "starts_at", "id"),
)

_id = bindparam("id", type_=Uuid)
_OWNER = prepared(
    select(
        bookings.c.id.label("booking_id"),
        bookings.c.organizer_id,
        bookings.c.meeting_type_id,
        bookings.c.link_id,
    ).where(bookings.c.id == _id)
)
_over = exists().where(
    slot_claims.c.booking_id == bookings.c.id,
    func.lower(slot_claims.c.during) == bookings.c.starts_at,
    slot_claims.c.held_until <= func.clock_timestamp(),
)
# The deadline decides, whether or not its timer has fired; `stored` is what the index knows.
_ENDS = {"held": "released", "requested": "declined"}
_status = case(
    *(((bookings.c.status == status) & _over, end) for status, end in _ENDS.items()),
    else_=bookings.c.status,
)
_BOOKINGS = prepared(
    select(bookings.c.id)
    .where(bookings.c.organizer_id == bindparam("organizer_id", type_=Uuid))
    .where(bookings.c.status == func.any(bindparam("stored", type_=ARRAY(Text))))
    .where(_status == func.any(bindparam("statuses", type_=ARRAY(Text))))
    .where(bookings.c.id > bindparam("cursor", type_=Uuid))
    .order_by(bookings.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_UNPROVEN = prepared(
    select(bookings.c.id, bookings.c.organizer_id)
    .where(bookings.c.organizer_id == func.any(bindparam("organizers", type_=ARRAY(Uuid))))
    .where(bookings.c.status == "unverified")
)
_HELD_WITH_LINK = prepared(
    select(bookings.c.id.label("booking_id"))
    .where(bookings.c.link_id == _id, bookings.c.status == "held")
    .order_by(bookings.c.id)
)
_EXPIRED_WITH_LINK = prepared(
    select(slot_claims.c.booking_id)
    .join(bookings, bookings.c.id == slot_claims.c.booking_id)
    .where(bookings.c.link_id == _id)
    .where(or_(bookings.c.status == "held", bookings.c.status == "requested"))
    .where(slot_claims.c.held_until <= func.clock_timestamp())
)
_BETWEEN = prepared(
    select(bookings.c.id)
    .where(bookings.c.organizer_id == bindparam("organizer_id", type_=Uuid))
    .where(or_(bookings.c.status == "requested", bookings.c.status == "confirmed"))
    .where(bookings.c.starts_at < bindparam("end"))
    .where(bookings.c.ends_at > bindparam("start"))
)

# Of several who hold with a link that has one use left only one can book. A hold is displaced once
# its visitor has had time to go on: see docs/decisions/0027-the-last-use-of-a-link-is-shared.md.
_COMPETING = f"""
    SELECT b.id FROM bookings b
    JOIN private_links l ON l.id = b.link_id AND l.max_uses = l.uses + 1
    WHERE b.link_id = %(link_id)s AND b.status = 'held'
        AND b.created_at <= clock_timestamp() - interval '{UNDISTURBED_SECONDS} seconds'
"""  # noqa: S608 -- a constant of ours
_DISPLACEABLE = sql(f"""
    {_COMPETING} AND EXISTS (
        SELECT FROM slot_claims c WHERE c.booking_id = b.id AND c.during @> %(start)s)
""")
_OLDEST_WITH_LINK = sql(f"{_COMPETING} ORDER BY b.created_at LIMIT 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingOwner:
    """Where a booking belongs: enough to load all the streams that a command on it needs."""

    booking_id: UUID
    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None


async def booking_owner(connection: Connection, booking_id: UUID) -> BookingOwner | None:
    """Return where the booking belongs."""
    row = await fetch_one(connection, _OWNER, id=booking_id)
    return BookingOwner(**row) if row else None


async def unproven_of(connection: Connection, organizers: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the bookings whose address is not proven, and whose they are."""
    rows = await fetch(connection, _UNPROVEN, organizers=list(organizers))
    return {row["id"]: row["organizer_id"] for row in rows}


async def bookings_of(
    connection: Connection,
    organizer_id: UUID,
    statuses: Sequence[str],
    cursor: UUID = FIRST,
    limit: int | None = None,
) -> list[UUID]:
    """Return the organizer's bookings in the states, after the cursor, oldest first."""
    rows = await fetch(
        connection,
        _BOOKINGS,
        organizer_id=organizer_id,
        statuses=list(statuses),
        stored=[*statuses, *(status for status, end in _ENDS.items() if end in statuses)],
        cursor=cursor,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def bookings_between(
    connection: Connection, organizer_id: UUID, period: Period
) -> list[UUID]:
    """Return the organizer's bookings and requests that take some of the period."""
    times = {"start": period.start, "end": period.end}
    rows = await fetch(connection, _BETWEEN, organizer_id=organizer_id, **times)
    return [row["id"] for row in rows]


async def expired_with_link(connection: Connection, link_id: UUID) -> list[UUID]:
    """Return the bookings whose hold is over but still has a use of the link."""
    rows = await fetch(connection, _EXPIRED_WITH_LINK, id=link_id)
    return [row["booking_id"] for row in rows]


async def held_with_link(connection: Connection, link_id: UUID) -> list[UUID]:
    """Return the bookings that hold a time with the link."""
    rows = await fetch(connection, _HELD_WITH_LINK, id=link_id)
    return [row["booking_id"] for row in rows]


async def displaceable(connection: Connection, link_id: UUID, start: datetime) -> list[UUID]:
    """Return the holds on the start that compete with a new one for the link's last use."""
    rows = await fetch(connection, _DISPLACEABLE, link_id=link_id, start=start)
    return [row["id"] for row in rows]


async def oldest_with_link(connection: Connection, link_id: UUID) -> list[UUID]:
    """Return the oldest hold with the link, if it is old enough to give way to a new one."""
    rows = await fetch(connection, _OLDEST_WITH_LINK, link_id=link_id)
    return [row["id"] for row in rows]
