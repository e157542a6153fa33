"""Commands on meeting types; deleting one or making it public ends its private links."""

from typing import Any, Literal
from uuid import UUID

from services.booking import queries
from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.refusals import NotFound
from services.booking.store import MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.events.store import Aggregate, Change, Loaded
from services.chassis.postgres.database import Connection

MeetingType = Aggregate[meeting_type.State, meeting_type.Event]


async def create(
    connection: Connection, id_: UUID, organizer_id: UUID, settings: meeting_type.Settings
) -> MeetingType:
    """Create the meeting type in the organizer's zone; the page must exist."""
    loaded = await store.load(connection, MEETING_TYPE.stream(id_), PAGE.stream(organizer_id))
    held = loaded.get(MEETING_TYPE, id_)
    if held.version:
        return held  # the request is sent again
    owner = loaded.get(PAGE, organizer_id)
    command = meeting_type.CreateMeetingType(organizer_id, _zone(owner.state), settings)
    events = meeting_type.decide(held.state, command)
    await store.append(
        connection, str(organizer_id), [Change(held, events), Change(owner)], at=loaded.now
    )
    return held.after(MEETING_TYPE, events)


async def load_type(connection: Connection, id_: UUID, organizer_id: UUID) -> MeetingType:
    """Return the organizer's meeting type; raise NotFound for another's and a deleted one."""
    loaded = await store.load(connection, MEETING_TYPE.stream(id_))
    return _own(loaded, id_, organizer_id)


async def load_types(connection: Connection, ids: list[UUID]) -> dict[UUID, MeetingType]:
    """Return the meeting types by id."""
    loaded = await store.load(connection, *map(MEETING_TYPE.stream, ids))
    return {id_: loaded.get(MEETING_TYPE, id_) for id_ in ids}


async def change(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    settings: meeting_type.Settings,
    expected: int | None,
) -> MeetingType:
    """Change the meeting type; raise VersionMismatch when it is not at the expected version."""
    loaded = await store.load(connection, MEETING_TYPE.stream(id_), PAGE.stream(organizer_id))
    held = _own(loaded, id_, organizer_id)
    owner = loaded.get(PAGE, organizer_id)
    command = meeting_type.ChangeMeetingType(_zone(owner.state), settings)
    events = meeting_type.decide(held.state, command)
    held.must_be_at(expected, events)
    changes: list[Change[Any, Any]] = [Change(held, events), Change(owner)]
    if settings.visibility == "public":
        changes += await _end_links(connection, organizer_id, id_, "type_made_public")
    await store.append(connection, str(organizer_id), changes, at=loaded.now)
    return held.after(MEETING_TYPE, events)


async def delete(
    connection: Connection, id_: UUID, organizer_id: UUID, expected: int | None = None
) -> None:
    """Delete the meeting type and end its links; its bookings stay.

    Raises VersionMismatch when it is not at the expected version.
    """
    loaded = await store.load(connection, MEETING_TYPE.stream(id_))
    state = loaded.get(MEETING_TYPE, id_).state
    if isinstance(state, meeting_type.Deleted) and state.last.organizer_id == organizer_id:
        return  # a retry of what is done
    held = _own(loaded, id_, organizer_id)
    events = meeting_type.decide(held.state, meeting_type.DeleteMeetingType())
    held.must_be_at(expected, events)
    changes = [
        Change(held, events),
        *await _end_links(connection, organizer_id, id_, "type_deleted"),
    ]
    await store.append(connection, str(organizer_id), changes, at=loaded.now)


async def _end_links(
    connection: Connection,
    organizer_id: UUID,
    id_: UUID,
    reason: Literal["type_deleted", "type_made_public"],
) -> list[Change[Any, Any]]:
    await store.lock(connection, str(organizer_id))  # no link is issued between reading and ending
    ids = await queries.links_of(connection, id_)
    loaded = await store.load(connection, *map(PRIVATE_LINK.stream, ids))
    links = [loaded.get(PRIVATE_LINK, link_id) for link_id in ids]
    command = private_link.EndLink(reason, loaded.now)
    return [Change(link, private_link.decide(link.state, command)) for link in links]


def _own(loaded: Loaded, id_: UUID, organizer_id: UUID) -> MeetingType:
    held = loaded.get(MEETING_TYPE, id_)
    if isinstance(held.state, meeting_type.MeetingType) and (
        held.state.organizer_id == organizer_id
    ):
        return held
    raise NotFound("meeting type")


def _zone(owner: page.State) -> str:
    if not isinstance(owner, page.Page):
        raise NotFound("page")
    return owner.profile.time_zone
