"""Commands on private links."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.booking import queries
from services.booking.domain import meeting_type, private_link
from services.booking.domain.link_limits import Limits
from services.booking.domain.refusals import NotFound, StateConflict
from services.booking.store import MEETING_TYPE, PRIVATE_LINK, store
from services.chassis.events.store import Aggregate, Change
from services.chassis.postgres.database import Connection

Link = Aggregate[private_link.State, private_link.Event]


@dataclass(frozen=True, slots=True)
class Seen:
    """A link as it stands at a moment."""

    id: UUID
    link: private_link.Link
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a new link; without `expires_at` it lives `default_days`."""

    label: str
    max_uses: int | None
    expires_at: datetime | None
    default_days: int
    minimum_seconds: int


async def issue(
    connection: Connection, id_: UUID, organizer_id: UUID, type_id: UUID, terms: Terms
) -> Seen:
    """Issue a link to one of the organizer's private meeting types."""
    loaded = await store.load(connection, PRIVATE_LINK.stream(id_), MEETING_TYPE.stream(type_id))
    held = loaded.get(PRIVATE_LINK, id_)
    if held.version:
        return _seen(id_, held, loaded.now)  # the request is sent again
    offered = loaded.get(MEETING_TYPE, type_id)
    match offered.state:
        case meeting_type.MeetingType(organizer_id=owner) if owner != organizer_id:
            raise NotFound("meeting type")
        case meeting_type.MeetingType(settings=settings):
            if settings.visibility == "public":
                raise StateConflict("A public meeting type needs no private link.")
        case _:
            raise NotFound("meeting type")
    limits = Limits(
        max_uses=terms.max_uses,
        expires_at=terms.expires_at or loaded.now + timedelta(days=terms.default_days),
        label=terms.label,
    )
    command = private_link.IssueLink(
        organizer_id, type_id, limits, loaded.now, terms.minimum_seconds
    )
    events = private_link.decide(held.state, command)
    await store.append(
        connection, str(organizer_id), [Change(held, events), Change(offered)], at=loaded.now
    )
    return _seen(id_, held.after(PRIVATE_LINK, events), loaded.now)


async def load_links(connection: Connection, ids: list[UUID]) -> list[Seen]:
    """Return the links as they stand."""
    loaded = await store.load(connection, *map(PRIVATE_LINK.stream, ids))
    return [_seen(id_, loaded.get(PRIVATE_LINK, id_), loaded.now) for id_ in ids]


async def change(
    connection: Connection,
    id_: UUID,
    organizer_id: UUID,
    command: Callable[[private_link.Link, datetime], private_link.Command],
    expected: int | None = None,
) -> Seen:
    """Carry out the command, made from the organizer's link and the store's time."""
    await must_own(connection, id_, organizer_id)
    loaded = await store.load(connection, PRIVATE_LINK.stream(id_))
    held = loaded.get(PRIVATE_LINK, id_)
    assert isinstance(held.state, private_link.Link)
    events = private_link.decide(held.state, command(held.state, loaded.now))
    held.must_be_at(expected, events)
    await store.append(connection, str(organizer_id), [Change(held, events)], at=loaded.now)
    return _seen(id_, held.after(PRIVATE_LINK, events), loaded.now)


async def expire(connection: Connection, key: str) -> None:
    """End the link when its deadline has passed: what its timer fires."""
    loaded = await store.load(connection, PRIVATE_LINK.stream(key))
    held = loaded.get(PRIVATE_LINK, key)
    if isinstance(held.state, private_link.Link):
        events = private_link.decide(held.state, private_link.ExpireLink(loaded.now))
        owner = str(held.state.organizer_id)
        await store.append(connection, owner, [Change(held, events)], at=loaded.now)


async def must_own(connection: Connection, id_: UUID, organizer_id: UUID) -> None:
    """Raise NotFound unless the link is the organizer's."""
    place = await queries.link(connection, id_)
    if place is None or place["organizer_id"] != organizer_id:
        raise NotFound("link")


def _seen(id_: UUID, held: Link, at: datetime) -> Seen:
    assert isinstance(held.state, private_link.Link)
    return Seen(id_, held.state, held.version, at)
