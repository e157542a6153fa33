"""What availability's tables are asked: a meeting type's rules with the times that are taken."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.types import DateTime, Uuid

from services.availability.domain.busy import Claim
from services.availability.domain.hours import REGULAR_HOURS, weekly_hours
from services.availability.domain.offering import Offering, OwnBooking, PrivateLink
from services.availability.domain.slots import MeetingType
from services.availability.tables import claims, meeting_types, pages, private_links
from services.chassis.postgres.database import Connection, Row, fetch, fetch_one, prepared

_id = bindparam("id", type_=Uuid)
_instant = DateTime(timezone=True)

_TYPE = prepared(
    select(
        meeting_types.c.organizer_id,
        meeting_types.c.private,
        meeting_types.c.rules,
        meeting_types.c.deleted,
        func.coalesce(pages.c.published, False).label("published"),
        func.coalesce(pages.c.allowed, False).label("allowed"),
        func.clock_timestamp().label("now"),
    )
    .join(pages, pages.c.organizer_id == meeting_types.c.organizer_id, isouter=True)
    .where(meeting_types.c.id == _id)
)
_CLAIMS = prepared(
    select(claims.c.booking_id, claims.c.starts_at, claims.c.ends_at, claims.c.expires_at)
    .where(claims.c.organizer_id == bindparam("organizer_id", type_=Uuid))
    .where(claims.c.ends_at > bindparam("start", type_=_instant))
    .where(claims.c.starts_at < bindparam("end", type_=_instant))
)
_LINK = prepared(
    select(
        private_links.c.meeting_type_id,
        private_links.c.ended,
        (private_links.c.expires_at <= func.clock_timestamp()).label("expired"),
    ).where(private_links.c.id == _id)
)
_BOOKED = prepared(
    select(claims.c.meeting_type_id, claims.c.starts_at, claims.c.ends_at)
    .where(claims.c.booking_id == _id)
    .limit(1)
)


async def offering(connection: Connection, meeting_type_id: UUID) -> Offering | None:
    """Return the meeting type with its page's state and the database's time; None if unknown."""
    row = await fetch_one(connection, _TYPE, id=meeting_type_id)
    if row is None:
        return None
    return Offering(
        id=meeting_type_id,
        organizer_id=row["organizer_id"],
        private=row["private"],
        deleted=row["deleted"],
        published=row["published"],
        allowed=row["allowed"],
        meeting_type=_meeting_type(row["rules"]),
        now=row["now"],
    )


async def claims_in(
    connection: Connection, organizer_id: UUID, start: datetime, end: datetime
) -> list[Claim]:
    """Return the claims that touch the time from start to end."""
    rows = await fetch(connection, _CLAIMS, organizer_id=organizer_id, start=start, end=end)
    return [
        Claim(row["booking_id"], row["starts_at"], row["ends_at"], row["expires_at"])
        for row in rows
    ]


async def private_link(connection: Connection, link_id: UUID) -> PrivateLink | None:
    """Return what the private link opens; None if its event has not arrived."""
    row = await fetch_one(connection, _LINK, id=link_id)
    if row is None:
        return None
    return PrivateLink(
        meeting_type_id=row["meeting_type_id"], end_reason=row["ended"], expired=row["expired"]
    )


async def own_booking(connection: Connection, booking_id: UUID) -> OwnBooking | None:
    """Return what is booked, if the booking takes a time."""
    row = await fetch_one(connection, _BOOKED, id=booking_id)
    if row is None:
        return None
    return OwnBooking(
        id=booking_id,
        meeting_type_id=row["meeting_type_id"],
        length=row["ends_at"] - row["starts_at"],
    )


def _meeting_type(rules: Row) -> MeetingType:
    hours = REGULAR_HOURS if rules["hours"] == "calendar" else weekly_hours(rules["weekly_hours"])
    return MeetingType(
        duration_minutes=rules["duration_minutes"],
        increment_minutes=rules["increment_minutes"],
        min_lead_minutes=rules["min_lead_minutes"],
        max_lead_minutes=rules["max_lead_minutes"],
        time_zone=rules["organizer_time_zone"],
        hours=hours,
    )
