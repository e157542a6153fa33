"""What an attendee may book: an open page with its public types, or the one type behind a link."""

from dataclasses import dataclass
from uuid import UUID

from services.booking import queries
from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.refusals import LinkSuspended, LinkEnded, NotAvailable, NotFound
from services.booking.store import MEETING_TYPE, PAGE, PRIVATE_LINK, store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class Bookable:
    """A meeting type that may be booked, and with whom."""

    id: UUID
    settings: meeting_type.Settings
    profile: page.Profile


async def on_page(connection: Connection, handle: str) -> tuple[page.Profile, list[Bookable]]:
    """Return the open page at the handle; raise NotAvailable, whatever the reason."""
    organizer_id = await queries.organizer_at(connection, handle)
    if organizer_id is None:
        raise NotAvailable
    ids = await queries.types_of(connection, organizer_id)
    loaded = await store.load(connection, PAGE.stream(organizer_id), *map(MEETING_TYPE.stream, ids))
    profile = _open(loaded.get(PAGE, organizer_id).state)
    offered = []
    for id_ in ids:
        match loaded.get(MEETING_TYPE, id_).state:
            case meeting_type.MeetingType(settings=settings) if settings.visibility == "public":
                offered.append(Bookable(id_, settings, profile))
            case _:
                pass
    return profile, offered


async def at_address(connection: Connection, handle: str, slug: str) -> Bookable:
    """Return the public meeting type at an open page's address; raise NotAvailable, NotFound."""
    _, types = await on_page(connection, handle)
    for offered in types:
        if offered.settings.slug == slug:
            return offered
    raise NotFound("meeting type")


async def one_type(connection: Connection, type_id: UUID) -> Bookable:
    """Return the public meeting type; a private one hides."""
    organizer_id = await queries.organizer_of_type(connection, type_id)
    if organizer_id is None:
        raise NotFound("meeting type")
    loaded = await store.load(connection, PAGE.stream(organizer_id), MEETING_TYPE.stream(type_id))
    match loaded.get(MEETING_TYPE, type_id).state:
        case meeting_type.MeetingType(settings=settings) if settings.visibility == "public":
            return Bookable(type_id, settings, _open(loaded.get(PAGE, organizer_id).state))
        case _:
            raise NotFound("meeting type")


async def behind_link(connection: Connection, link_id: UUID) -> Bookable:
    """Return the type behind the private link; raise LinkEnded with the reason, or LinkSuspended."""
    place = await queries.link(connection, link_id)
    if place is None:
        raise NotFound("link")
    organizer_id, type_id = place["organizer_id"], place["meeting_type_id"]
    loaded = await store.load(
        connection,
        PRIVATE_LINK.stream(link_id),
        PAGE.stream(organizer_id),
        MEETING_TYPE.stream(type_id),
    )
    dead = private_link.end_reason(loaded.get(PRIVATE_LINK, link_id).state, loaded.now)
    if dead:
        raise LinkEnded(dead)
    owner = loaded.get(PAGE, organizer_id).state
    offered = loaded.get(MEETING_TYPE, type_id).state
    if not page.is_open(owner) or not isinstance(offered, meeting_type.MeetingType):
        raise LinkSuspended
    return Bookable(type_id, offered.settings, _open(owner))


@dataclass(frozen=True, slots=True)
class Background:
    """What a booking was made from, as it stands now; `reachable` is whether it may be again."""

    offered: Bookable
    page_open: bool
    reachable: bool


async def behind_booking(
    connection: Connection, organizer_id: UUID, type_id: UUID, link_id: UUID | None
) -> Background:
    """Return the type and the page behind a booking; they outlast both, as bookings do."""
    links = [PRIVATE_LINK.stream(link_id)] if link_id else []
    loaded = await store.load(
        connection, PAGE.stream(organizer_id), MEETING_TYPE.stream(type_id), *links
    )
    owner = loaded.get(PAGE, organizer_id).state
    if not isinstance(owner, page.Page):
        raise NotFound("page")
    dead = link_id and private_link.end_reason(loaded.get(PRIVATE_LINK, link_id).state, loaded.now)
    match loaded.get(MEETING_TYPE, type_id).state:
        case meeting_type.MeetingType(settings=settings):
            reachable = settings.visibility == "public" or (link_id is not None and not dead)
        case meeting_type.Deleted(last):
            settings, reachable = last.settings, False
        case _:
            raise NotFound("meeting type")
    return Background(
        Bookable(type_id, settings, owner.profile),
        page_open=page.is_open(owner),
        reachable=page.is_open(owner) and reachable,
    )


def _open(owner: page.State) -> page.Profile:
    if not isinstance(owner, page.Page) or not page.is_open(owner):
        raise NotAvailable
    return owner.profile
