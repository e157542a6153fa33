"""Where pages are found: by handle."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, Table, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert

from services.booking.domain.page import Event, PageAddressRenewed, PageChanged, PageCreated
from services.booking.metadata import metadata
from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, prepared

pages = Table(
    "pages",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
)

_PAGE = insert(pages).values(organizer_id=bindparam("organizer_id"), handle=bindparam("handle"))
_PUT_PAGE = prepared(
    _PAGE.on_conflict_do_update(
        index_elements=["organizer_id"], set_={"handle": _PAGE.excluded.handle}
    )
)


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    match recorded.event:
        case PageCreated(profile=profile) | PageChanged(profile=profile):
            yield _put(recorded.key, profile.handle)
        case PageAddressRenewed(handle):
            yield _put(recorded.key, handle)
        case _:
            pass


def _put(organizer_id: str, handle: str) -> Statement:
    return Statement(_PUT_PAGE, {"organizer_id": UUID(organizer_id), "handle": handle})
