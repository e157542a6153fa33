"""Where private links are found, how often each was used, and the timers of its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, Integer, Table, Text, Uuid, bindparam, update
from sqlalchemy.dialects.postgresql import insert

from services.booking.domain.private_link import (
    Event,
    LinkDetails,
    LinkExpired,
    LinkUseConsumed,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.metadata import Instant, metadata
from services.booking.private_links.details import DETAILS_JOINED, joined_details
from services.chassis.events import timers
from services.chassis.events.streams import Recorded
from services.chassis.ids import FIRST
from services.chassis.postgres.database import (
    Connection,
    Row,
    Statement,
    fetch,
    fetch_one,
    prepared,
    sql,
)

LINK_TIMER = "link"
# Fires at once when a link has ended: what is held with it cannot be confirmed any more.
LINK_HOLDS_TIMER = "link_holds"

private_links = Table(
    "private_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("offer_id", Uuid),
    Column("max_uses", Integer),
    Column("uses", Integer, nullable=False, server_default="0"),
    Column("last_used_at", Instant),
    Column("ended", Text),
    Index("private_links_type", "meeting_type_id", "id"),
)

_id = bindparam("of", type_=Uuid)
_ISSUED = ("id", "organizer_id", "meeting_type_id", "issued_at", "offer_id", "max_uses")
_ADD = prepared(insert(private_links).values({name: bindparam(name) for name in _ISSUED}))
_LIMIT = prepared(
    update(private_links).where(private_links.c.id == _id).values(max_uses=bindparam("uses"))
)
_USED = prepared(
    update(private_links)
    .where(private_links.c.id == _id)
    .values(uses=private_links.c.uses + 1, last_used_at=bindparam("at"))
)
_END = prepared(
    update(private_links).where(private_links.c.id == _id).values(ended=bindparam("reason"))
)
# The times that an offer holds are free again with the end of its link.
_END_OFFER = sql("""
    DELETE FROM slot_claims
    WHERE booking_id = (SELECT offer_id FROM private_links WHERE id = %(of)s)
""")
_JOINED = f"""
    SELECT l.id, l.organizer_id, l.meeting_type_id, l.last_used_at, {DETAILS_JOINED}
    FROM private_links l LEFT JOIN link_details d ON d.link_id = l.id
"""  # noqa: S608 -- names of columns, never a value
_ROW = sql(f"{_JOINED} WHERE l.id = %(id)s")
_WITH_IDS = sql(f"{_JOINED} WHERE l.id = ANY(%(ids)s)")
_ROWS = sql(f"""
    {_JOINED} WHERE l.meeting_type_id = %(id)s AND l.id > %(cursor)s
    ORDER BY l.id LIMIT %(limit)s
""")
_NEWEST = sql(f"""
    {_JOINED} WHERE l.meeting_type_id = %(id)s AND l.offer_id IS NULL
        AND (%(before)s::uuid IS NULL OR l.id < %(before)s::uuid)
    ORDER BY l.id DESC LIMIT %(limit)s
""")
_IDS = sql("""
    SELECT id FROM private_links
    WHERE meeting_type_id = %(id)s AND (%(of_offers)s OR offer_id IS NULL) ORDER BY id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """What is known of a private link beside its stream."""

    id: UUID
    organizer_id: UUID
    meeting_type_id: UUID
    last_used_at: datetime | None
    details: LinkDetails


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    link_id = UUID(recorded.subject)
    match recorded.event:
        case PrivateLinkIssued() as event:
            yield Statement(
                _ADD,
                {
                    "id": link_id,
                    "organizer_id": event.organizer_id,
                    "meeting_type_id": event.meeting_type_id,
                    "issued_at": recorded.time,
                    "offer_id": event.offer_id,
                    "max_uses": event.limits.max_uses,
                },
            )
            yield timers.schedule(LINK_TIMER, recorded.subject, event.limits.expires_at)
        case PrivateLinkChanged(limits=limits):
            yield Statement(_LIMIT, {"of": link_id, "uses": limits.max_uses})
            yield timers.schedule(LINK_TIMER, recorded.subject, limits.expires_at)
        case LinkUseConsumed():
            yield Statement(_USED, {"of": link_id, "at": recorded.time})
        case LinkExpired(reason=reason):
            yield Statement(_END, {"of": link_id, "reason": reason})
            yield Statement(_END_OFFER, {"of": link_id})
            yield timers.cancel(LINK_TIMER, recorded.subject)
            if reason != "ttl":  # what was held before the deadline may be confirmed after it
                yield timers.schedule(LINK_HOLDS_TIMER, recorded.subject, recorded.time)
        case _:
            pass


async def link_row(connection: Connection, link_id: UUID) -> LinkRow | None:
    """Return what is known of a private link beside its stream."""
    row = await fetch_one(connection, _ROW, id=link_id)
    return _link_row(row) if row else None


async def link_rows_with(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, LinkRow]:
    """Return what is known of the private links beside their streams, by id."""
    rows = await fetch(connection, _WITH_IDS, ids=list(ids))
    return {row["id"]: _link_row(row) for row in rows}


async def link_rows(
    connection: Connection, meeting_type_id: UUID, cursor: UUID = FIRST, limit: int | None = None
) -> list[LinkRow]:
    """Return the meeting type's private links after the cursor, oldest first."""
    rows = await fetch(connection, _ROWS, id=meeting_type_id, cursor=cursor, limit=limit)
    return [_link_row(row) for row in rows]


async def newest_link_rows(
    connection: Connection, meeting_type_id: UUID, before: UUID | None = None, *, limit: int
) -> list[LinkRow]:
    """Return the meeting type's private links, newest first, without those of offers."""
    rows = await fetch(connection, _NEWEST, id=meeting_type_id, before=before, limit=limit)
    return [_link_row(row) for row in rows]


async def links_of(
    connection: Connection, meeting_type_id: UUID, *, of_offers: bool = True
) -> list[UUID]:
    """Return the ids of the meeting type's private links, those of offers only if asked for."""
    rows = await fetch(connection, _IDS, id=meeting_type_id, of_offers=of_offers)
    return [row["id"] for row in rows]


def _link_row(row: Row) -> LinkRow:
    return LinkRow(
        id=row["id"],
        organizer_id=row["organizer_id"],
        meeting_type_id=row["meeting_type_id"],
        last_used_at=row["last_used_at"],
        details=joined_details(row),
    )
