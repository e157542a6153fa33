"""Where meeting types are found: by organizer, in the order in which they were made."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, Index, Table, Text, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Integer

from services.booking.domain.meeting_type import (
    Event,
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
)
from services.booking.metadata import Instant, metadata
from services.chassis.events.streams import Recorded
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection, Statement, fetch, prepared

meeting_types = Table(
    "meeting_types",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("meeting_types_slug", "organizer_id", "slug", unique=True),
)

_id = bindparam("id", type_=Uuid)
_TYPE = insert(meeting_types).values(
    id=bindparam("id"),
    organizer_id=bindparam("organizer_id"),
    slug=bindparam("slug"),
    created_at=bindparam("created_at"),
)
_PUT_TYPE = prepared(
    _TYPE.on_conflict_do_update(index_elements=["id"], set_={"slug": _TYPE.excluded.slug})
)
_DROP_TYPE = prepared(delete(meeting_types).where(meeting_types.c.id == _id))
_TYPES = prepared(
    select(meeting_types.c.id)
    .where(meeting_types.c.organizer_id == bindparam("organizer_id", type_=Uuid))
    .where(meeting_types.c.id > bindparam("cursor", type_=Uuid))
    .order_by(meeting_types.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_SLUGS = prepared(
    select(meeting_types.c.slug).where(
        meeting_types.c.organizer_id == bindparam("organizer_id", type_=Uuid)
    )
)


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    id_ = UUID(recorded.subject)
    match recorded.event:
        case MeetingTypeCreated() | MeetingTypeChanged() as event:
            yield Statement(
                _PUT_TYPE,
                {
                    "id": id_,
                    "organizer_id": event.organizer_id,
                    "slug": event.settings.slug,
                    "created_at": recorded.time,
                },
            )
        case MeetingTypeDeleted():
            yield Statement(_DROP_TYPE, {"id": id_})


async def types_of(
    connection: Connection, organizer_id: UUID, cursor: UUID = FIRST, limit: int | None = None
) -> list[UUID]:
    """Return the organizer's meeting types after the cursor, oldest first."""
    rows = await fetch(connection, _TYPES, organizer_id=organizer_id, cursor=cursor, limit=limit)
    return [row["id"] for row in rows]


async def slugs_of(connection: Connection, organizer_id: UUID) -> frozenset[str]:
    """Return the slugs that the organizer's meeting types have."""
    rows = await fetch(connection, _SLUGS, organizer_id=organizer_id)
    return frozenset(row["slug"] for row in rows)
