"""Private links as their organizer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain import private_link
from services.booking.domain.private_link import LinkDetails
from services.booking.domain.refusals import NotFound
from services.booking.private_links.records import LinkRow, link_row
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link as it stands at a moment."""

    id: UUID
    link: private_link.Link
    details: LinkDetails
    last_used_at: datetime | None
    version: int
    at: datetime

    @property
    def state(self) -> private_link.LinkState:
        """Return the name of the link's state."""
        return private_link.link_state(self.link, self.at)


async def view_link(connection: Connection, id_: UUID, organizer_id: UUID) -> LinkView:
    """Return the organizer's link; raise NotFound for another's."""
    return (await view_links(connection, [await own_link(connection, id_, organizer_id)]))[0]


async def view_links(connection: Connection, rows: Sequence[LinkRow]) -> list[LinkView]:
    """Return the links as they stand."""
    loaded = await store.load(connection, *(PRIVATE_LINK.stream(row.id) for row in rows))
    return [view_of(row, loaded.get(PRIVATE_LINK.stream(row.id)), loaded.now) for row in rows]


def view_of(row: LinkRow, aggregate: PrivateLinkAggregate, at: datetime) -> LinkView:
    """Return the view of a link that is loaded already."""
    if not isinstance(aggregate.state, private_link.Link):
        raise NotFound("link")
    return LinkView(
        id=row.id,
        link=aggregate.state,
        details=row.details,
        last_used_at=row.last_used_at,
        version=aggregate.version,
        at=at,
    )


async def own_link(connection: Connection, id_: UUID, organizer_id: UUID) -> LinkRow:
    """Return the organizer's link; raise NotFound for another's."""
    row = await link_row(connection, id_)
    if row is None or row.organizer_id != organizer_id:
        raise NotFound("link")
    return row
