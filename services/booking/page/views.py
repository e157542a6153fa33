"""A page as its organizer sees it."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain import page
from services.booking.domain.refusals import PageMissing
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.store import store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class PageView:
    """A page at a version."""

    page: page.Page
    version: int

    @property
    def denied_by(self) -> str | None:
        """Return the policy rule that closes the page, if any."""
        access = self.page.access
        return access.rule or None if access.verdict == "denied" else None


async def view_page(connection: Connection, organizer_id: UUID) -> PageView:
    """Return the organizer's page as it stands; raise PageMissing when there is none yet."""
    stream = PAGE.stream(organizer_id)
    loaded = await store.load(connection, stream)
    return view_of(loaded.get(stream))


def view_of(aggregate: PageAggregate) -> PageView:
    """Return the view of a page that is loaded already; raise PageMissing."""
    if not isinstance(aggregate.state, page.Page):
        raise PageMissing
    return PageView(aggregate.state, aggregate.version)


async def handle_of(connection: Connection, organizer_id: UUID) -> str:
    """Return the address of the organizer's page."""
    return (await view_page(connection, organizer_id)).page.profile.handle
