"""Private links as their organizer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain import private_link
from services.booking.domain.refusals import NotFound
from services.booking.private_links.records import link_owner
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.booking.store import store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A link as it stands at a moment."""

    id: UUID
    link: private_link.Link
    version: int
    at: datetime

    @property
    def state(self) -> private_link.LinkState:
        """Return the name of the link's state."""
        return private_link.link_state(self.link, self.at)


async def view_link(connection: Connection, id_: UUID, organizer_id: UUID) -> LinkView:
    """Return the organizer's link; raise NotFound for another's."""
    await must_own(connection, id_, organizer_id)
    return (await view_links(connection, [id_]))[0]


async def view_links(connection: Connection, ids: Sequence[UUID]) -> list[LinkView]:
    """Return the links as they stand."""
    loaded = await store.load(connection, *map(PRIVATE_LINK.stream, ids))
    return [view_of(id_, loaded.get(PRIVATE_LINK.stream(id_)), loaded.now) for id_ in ids]


def view_of(id_: UUID, aggregate: PrivateLinkAggregate, at: datetime) -> LinkView:
    """Return the view of a link that is loaded already."""
    if not isinstance(aggregate.state, private_link.Link):
        raise NotFound("link")
    return LinkView(id=id_, link=aggregate.state, version=aggregate.version, at=at)


async def must_own(connection: Connection, id_: UUID, organizer_id: UUID) -> None:
    """Raise NotFound unless the link is the organizer's."""
    owner = await link_owner(connection, id_)
    if owner is None or owner.organizer_id != organizer_id:
        raise NotFound("link")
