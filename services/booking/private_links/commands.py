"""Commands on private links."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.booking.domain import meeting_type, private_link
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import StateConflict
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.private_links.views import LinkView, must_own, view_of
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection


async def issue_link(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    type_id: UUID,
    limits: Callable[[datetime], Limits],
    minimum_seconds: int,
) -> LinkView:
    """Issue a link to one of the organizer's private meeting types.

    Its limits are made from the store's time; a deadline is at least `minimum_seconds` away.
    """
    link, type_ = PRIVATE_LINK.stream(id_), MEETING_TYPE.stream(type_id)
    loaded = await store.load(connection, link, type_)
    if loaded.get(link).version:
        return view_of(id_, loaded.get(link), loaded.now)  # the request is sent again
    offered = meeting_type.owned_by(loaded.get(type_).state, organizer_id)
    if offered.settings.visibility == "public":
        raise StateConflict("A public meeting type needs no private link.")
    command = private_link.IssueLink(
        organizer_id=organizer_id,
        meeting_type_id=type_id,
        limits=limits(loaded.now),
        at=loaded.now,
        minimum_seconds=minimum_seconds,
    )
    issued = loaded.get(link).decide(command)
    changes: list[AnyChange] = [issued, loaded.get(type_).guard()]
    await store.append(connection, str(organizer_id), changes, at=loaded.now)
    return view_of(id_, issued.after, loaded.now)


async def change_link(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    command: Callable[[private_link.Link, datetime], private_link.Command],
    expected: int | None = None,
) -> LinkView:
    """Carry out the command, made from the organizer's link and the store's time."""
    await must_own(connection, id_, organizer_id)
    stream = PRIVATE_LINK.stream(id_)
    loaded = await store.load(connection, stream)
    current = view_of(id_, loaded.get(stream), loaded.now)
    changed = loaded.get(stream).decide(command(current.link, loaded.now)).expecting(expected)
    await store.append(connection, str(organizer_id), [changed], at=loaded.now)
    return view_of(id_, changed.after, loaded.now)


async def expire_link(connection: Connection, key: str) -> None:
    """End the link when its deadline has passed: what its timer fires."""
    stream = PRIVATE_LINK.stream(key)
    loaded = await store.load(connection, stream)
    link = loaded.get(stream)
    if isinstance(link.state, private_link.Link):
        expired = link.decide(private_link.ExpireLink(loaded.now))
        owner = str(link.state.organizer_id)
        await store.append(connection, owner, [expired], at=loaded.now)
