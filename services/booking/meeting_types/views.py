"""Meeting types as their organizer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain import meeting_type
from services.booking.meeting_types.records import types_of
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.views import handle_of
from services.booking.store import store
from services.chassis.ids import FIRST
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTypeView:
    """A meeting type with the address of the page on which it stands."""

    id: UUID
    version: int
    meeting_type: meeting_type.MeetingType
    handle: str


async def view_type(connection: Connection, id_: UUID, organizer_id: UUID) -> MeetingTypeView:
    """Return the organizer's meeting type; raise NotFound for another's and a deleted one."""
    stream = MEETING_TYPE.stream(id_)
    loaded = await store.load(connection, stream)
    return await view_of(connection, id_, organizer_id, loaded.get(stream))


async def view_of(
    connection: Connection, id_: UUID, organizer_id: UUID, aggregate: MeetingTypeAggregate
) -> MeetingTypeView:
    """Return the view of a meeting type that is loaded already."""
    found = meeting_type.owned_by(aggregate.state, organizer_id)
    handle = await handle_of(connection, organizer_id)
    return MeetingTypeView(id=id_, version=aggregate.version, meeting_type=found, handle=handle)


async def view_types(
    connection: Connection, organizer_id: UUID, cursor: UUID = FIRST, limit: int | None = None
) -> Sequence[MeetingTypeView]:
    """Return the organizer's meeting types after the cursor, oldest first."""
    ids = await types_of(connection, organizer_id, cursor, limit)
    if not ids:
        return ()
    handle = await handle_of(connection, organizer_id)
    loaded = await store.load(connection, *map(MEETING_TYPE.stream, ids))
    return [
        MeetingTypeView(
            id=id_,
            version=aggregate.version,
            meeting_type=meeting_type.owned_by(aggregate.state, organizer_id),
            handle=handle,
        )
        for id_ in ids
        for aggregate in [loaded.get(MEETING_TYPE.stream(id_))]
    ]
