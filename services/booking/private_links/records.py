"""Where private links are found, and the timer at each link's deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Table, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Integer

from services.booking.domain.private_link import (
    Event,
    LinkExpired,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.metadata import Instant, metadata
from services.chassis.events import timers
from services.chassis.events.streams import Recorded
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection, Statement, fetch, fetch_one, prepared

LINK_TIMER = "link"

private_links = Table(
    "private_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Index("private_links_type", "meeting_type_id", "id"),
)

_id = bindparam("id", type_=Uuid)
_ADD_LINK = prepared(
    insert(private_links).values(
        id=bindparam("id"),
        organizer_id=bindparam("organizer_id"),
        meeting_type_id=bindparam("meeting_type_id"),
        issued_at=bindparam("issued_at"),
    )
)
_LINK = prepared(
    select(private_links.c.organizer_id, private_links.c.meeting_type_id).where(
        private_links.c.id == _id
    )
)
_LINKS = prepared(
    select(private_links.c.id)
    .where(private_links.c.meeting_type_id == _id)
    .where(private_links.c.id > bindparam("cursor", type_=Uuid))
    .order_by(private_links.c.id)
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOwner:
    """Where a private link belongs."""

    organizer_id: UUID
    meeting_type_id: UUID


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    match recorded.event:
        case PrivateLinkIssued() as event:
            yield Statement(
                _ADD_LINK,
                {
                    "id": UUID(recorded.subject),
                    "organizer_id": event.organizer_id,
                    "meeting_type_id": event.meeting_type_id,
                    "issued_at": recorded.time,
                },
            )
            yield _expire_at(recorded.subject, event.limits.expires_at)
        case PrivateLinkChanged(limits=limits):
            yield _expire_at(recorded.subject, limits.expires_at)
        case LinkExpired():
            yield timers.cancel(LINK_TIMER, recorded.subject)
        case _:
            pass


def _expire_at(link_id: str, deadline: datetime) -> Statement:
    return timers.schedule(LINK_TIMER, link_id, deadline)


async def link_owner(connection: Connection, link_id: UUID) -> LinkOwner | None:
    """Return where a private link belongs."""
    row = await fetch_one(connection, _LINK, id=link_id)
    return LinkOwner(**row) if row else None


async def links_of(
    connection: Connection, meeting_type_id: UUID, cursor: UUID = FIRST, limit: int | None = None
) -> list[UUID]:
    """Return the meeting type's private links after the cursor, oldest first."""
    rows = await fetch(connection, _LINKS, id=meeting_type_id, cursor=cursor, limit=limit)
    return [row["id"] for row in rows]
