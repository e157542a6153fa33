"""What availability's tables are asked: a meeting type's rules with the times that are taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.types import DateTime, Uuid

from services.availability.domain.busy import Claim, busy_times
from services.availability.domain.hours import REGULAR_HOURS, weekly_hours
from services.availability.domain.slots import MeetingType, Offer
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
        (private_links.c.expires_at <= func.clock_timestamp()).label("over"),
    ).where(private_links.c.id == _id)
)
_BOOKED = prepared(
    select(claims.c.meeting_type_id, claims.c.starts_at, claims.c.ends_at)
    .where(claims.c.booking_id == _id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Offering:
    """A meeting type as it is offered now, or was last if it is deleted."""

    organizer_id: UUID
    private: bool
    deleted: bool
    published: bool
    allowed: bool
    meeting_type: MeetingType
    now: datetime

    def is_open(self, *, to_organizer: bool = False) -> bool:
        """Whether times may be booked; the organizer moves meetings on an unpublished page too."""
        return self.allowed and (self.published or to_organizer)


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking that takes a time of a meeting type."""

    id: UUID
    meeting_type_id: UUID
    length: timedelta


async def offering(connection: Connection, meeting_type_id: UUID) -> Offering | None:
    """Return the meeting type with its page's state and the database's time; None if unknown."""
    row = await fetch_one(connection, _TYPE, id=meeting_type_id)
    if row is None:
        return None
    return Offering(
        row["organizer_id"],
        row["private"],
        row["deleted"],
        row["published"],
        row["allowed"],
        _meeting_type(row["rules"]),
        row["now"],
    )


async def taken(
    connection: Connection, organizer_id: UUID, start: datetime, end: datetime
) -> list[Claim]:
    """Return the times that touch the window."""
    rows = await fetch(connection, _CLAIMS, organizer_id=organizer_id, start=start, end=end)
    return [
        Claim(row["booking_id"], row["starts_at"], row["ends_at"], row["expires_at"])
        for row in rows
    ]


def offer(
    found: Offering | None,
    claimed: Sequence[Claim],
    now: datetime,
    *,
    own: Booked | None = None,
    by_organizer: bool = False,
) -> Offer:
    """Return all that decides what is offered at the moment.

    The booking `own` takes no time, and has the length that it was made with.
    """
    meeting_type = found.meeting_type if found else None
    if meeting_type and own:
        meeting_type = replace(meeting_type, duration_minutes=own.length // timedelta(minutes=1))
    return Offer(
        meeting_type=meeting_type,
        page_open=found.is_open(to_organizer=by_organizer) if found else False,
        busy=busy_times(claimed, now, own.id if own else None),
        now=now,
        by_organizer=by_organizer,
    )


async def link(connection: Connection, link_id: UUID) -> Row | None:
    """Return what the private link opens: meeting_type_id, ended (reason), over."""
    return await fetch_one(connection, _LINK, id=link_id)


async def booked(connection: Connection, booking_id: UUID) -> Booked | None:
    """Return what is booked, if the booking takes a time."""
    row = await fetch_one(connection, _BOOKED, id=booking_id)
    if row is None:
        return None
    return Booked(booking_id, row["meeting_type_id"], row["ends_at"] - row["starts_at"])


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
