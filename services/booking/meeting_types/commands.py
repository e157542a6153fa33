"""Commands on meeting types; deleting one or making it public ends its private links."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal
from uuid import UUID

from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.meeting_type import (
    ChangeMeetingType,
    DeleteMeetingType,
    Settings,
    free_slug,
)
from services.booking.domain.meeting_type.rules import LONGEST_TITLE
from services.booking.meeting_types.records import slugs_of
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.streams import PAGE
from services.booking.private_links.records import links_of
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection

COPY = " (copy)"


async def create_type(
    connection: Connection, id_: UUID, organizer_id: UUID, settings: Settings
) -> MeetingTypeAggregate:
    """Create the meeting type in the organizer's zone; the page must exist."""
    type_, page_ = MEETING_TYPE.stream(id_), PAGE.stream(organizer_id)
    loaded = await store.load(connection, type_, page_)
    if loaded.get(type_).version:
        return loaded.get(type_)  # the request is sent again
    owner = loaded.get(page_)
    command = meeting_type.CreateMeetingType(
        organizer_id=organizer_id,
        organizer_time_zone=page.time_zone(owner.state),
        settings=settings,
    )
    created = loaded.get(type_).decide(command)
    await store.append(connection, str(organizer_id), [created, owner.guard()], at=loaded.now)
    return created.after


async def duplicate_type(
    connection: Connection,
    id_: UUID,
    copied: UUID,
    organizer_id: UUID,
    *,
    title: str | None,
    slug: str | None,
) -> MeetingTypeAggregate:
    """Make a type with the settings of the copied one; without a slug it gets a free one."""
    original = MEETING_TYPE.stream(copied)
    loaded = await store.load(connection, original)
    settings = meeting_type.owned_by(loaded.get(original).state, organizer_id).settings
    title = title or f"{settings.title[: LONGEST_TITLE - len(COPY)]}{COPY}"
    slug = slug or free_slug(title, await slugs_of(connection, organizer_id))
    return await create_type(
        connection, id_, organizer_id, replace(settings, title=title, slug=slug)
    )


async def change_type(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    change: Callable[[Settings], Settings],
    expected: int | None,
) -> MeetingTypeAggregate:
    """Change the organizer's meeting type; raise VersionMismatch, NotFound, Invalid."""
    type_, page_ = MEETING_TYPE.stream(id_), PAGE.stream(organizer_id)
    loaded = await store.load(connection, type_, page_)
    offered, owner = loaded.get(type_), loaded.get(page_)
    settings = change(meeting_type.owned_by(offered.state, organizer_id).settings)
    command = ChangeMeetingType(organizer_time_zone=page.time_zone(owner.state), settings=settings)
    changed = offered.decide(command).expecting(expected)
    changes: list[AnyChange] = [changed, owner.guard()]
    if settings.visibility == "public":
        changes += await _end_links(connection, organizer_id, id_, "type_made_public")
    await store.append(connection, str(organizer_id), changes, at=loaded.now)
    return changed.after


async def delete_type(
    connection: Connection, id_: UUID, organizer_id: UUID, expected: int | None = None
) -> None:
    """Delete the meeting type and end its links; its bookings stay.

    Raises VersionMismatch when it is not at the expected version.
    """
    type_ = MEETING_TYPE.stream(id_)
    loaded = await store.load(connection, type_)
    state = loaded.get(type_).state
    if isinstance(state, meeting_type.Deleted) and state.last.organizer_id == organizer_id:
        return  # a retry of what is done
    meeting_type.owned_by(state, organizer_id)
    deleted = loaded.get(type_).decide(DeleteMeetingType()).expecting(expected)
    changes = [deleted, *await _end_links(connection, organizer_id, id_, "type_deleted")]
    await store.append(connection, str(organizer_id), changes, at=loaded.now)


async def _end_links(
    connection: Connection,
    organizer_id: UUID,
    id_: UUID,
    reason: Literal["type_deleted", "type_made_public"],
) -> list[AnyChange]:
    await store.lock(connection, str(organizer_id))  # no link is issued between reading and ending
    # The links of offers open public types as well.
    of_offers = reason == "type_deleted"
    ids = await links_of(connection, id_, of_offers=of_offers)
    links = [PRIVATE_LINK.stream(link_id) for link_id in ids]
    loaded = await store.load(connection, *links)
    command = private_link.EndLink(reason, loaded.now)
    return [loaded.get(link).decide(command) for link in links]
