"""Commands on private links."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.booking.attendees.commands import forget_person
from services.booking.domain import meeting_type, private_link
from services.booking.domain.private_link import LinkDetails
from services.booking.domain.private_link.issuing import OF_OFFER
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import StateConflict
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.private_links.details import keep_details
from services.booking.private_links.records import LinkRow
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkStream
from services.booking.private_links.views import LinkView, own_link, view_links, view_of
from services.booking.store import store
from services.chassis.events.streams import AnyChange
from services.chassis.postgres.database import Connection

# What the organizer asks a link to be, made from what it is so far.
Change = Callable[[private_link.Link, LinkDetails], tuple[Limits, LinkDetails]]


async def issue_link(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    type_id: UUID,
    limits: Callable[[datetime], Limits],
    details: LinkDetails,
    minimum_seconds: int,
) -> LinkView:
    """Issue a link to one of the organizer's private meeting types.

    Its limits are made from the store's time; a deadline is at least `minimum_seconds` away.
    """
    link, type_ = PRIVATE_LINK.stream(id_), MEETING_TYPE.stream(type_id)
    loaded = await store.load(connection, link, type_)
    if loaded.get(link).version:  # the request is sent again
        return (await view_links(connection, [await own_link(connection, id_, organizer_id)]))[0]
    offered = meeting_type.owned_by(loaded.get(type_).state, organizer_id)
    if offered.settings.visibility == "public":
        raise StateConflict("A public meeting type needs no private link.")
    command = private_link.IssueLink(
        organizer_id=organizer_id,
        meeting_type_id=type_id,
        limits=limits(loaded.now),
        details=details,
        at=loaded.now,
        minimum_seconds=minimum_seconds,
    )
    issued = loaded.get(link).decide(command)
    changes: list[AnyChange] = [issued, loaded.get(type_).guard()]
    kept = [keep_details(id_, organizer_id, details)]
    await store.append(connection, str(organizer_id), changes, at=loaded.now, after=kept)
    row = LinkRow(
        id=id_,
        organizer_id=organizer_id,
        meeting_type_id=type_id,
        last_used_at=None,
        details=details,
    )
    return view_of(row, issued.after, loaded.now)


async def change_link(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    change: Change,
    minimum_seconds: int,
    expected: int | None,
) -> LinkView:
    """Change the organizer's link as the function says."""
    row = await own_link(connection, id_, organizer_id)
    stream = PRIVATE_LINK.stream(id_)
    loaded = await store.load(connection, stream)
    current = view_of(row, loaded.get(stream), loaded.now)
    limits, asked = change(current.link, row.details)
    details = private_link.kept_ids(asked, row.details)
    command = private_link.ChangeLink(
        limits=limits,
        details=details,
        before=row.details,
        at=loaded.now,
        minimum_seconds=minimum_seconds,
    )
    changed = loaded.get(stream).decide(command).expecting(expected)
    kept = [keep_details(id_, organizer_id, details)]
    for former in private_link.no_longer_addressed(details, row.details):
        kept += forget_person(former, loaded.now)
    await store.append(connection, str(organizer_id), [changed], at=loaded.now, after=kept)
    return view_of(replace(row, details=details), changed.after, loaded.now)


async def revoke_link(
    connection: Connection, id_: UUID, organizer_id: UUID, expected: int | None
) -> None:
    """End the organizer's link; raise StateConflict for an offer's, which ends with its offer."""
    await own_link(connection, id_, organizer_id)
    stream = PRIVATE_LINK.stream(id_)
    loaded = await store.load(connection, stream)
    if private_link.offer_of(loaded.get(stream).state):
        raise StateConflict(OF_OFFER)
    revoked = loaded.get(stream).decide(private_link.RevokeLink(loaded.now)).expecting(expected)
    await store.append(connection, str(organizer_id), [revoked], at=loaded.now)


async def expire_link(connection: Connection, key: str) -> None:
    """End the link when its deadline has passed: what its timer fires."""
    stream: PrivateLinkStream = PRIVATE_LINK.stream(key)
    loaded = await store.load(connection, stream)
    link = loaded.get(stream)
    if isinstance(link.state, private_link.Link):
        expired = link.decide(private_link.ExpireLink(loaded.now))
        owner = str(link.state.organizer_id)
        await store.append(connection, owner, [expired], at=loaded.now)
