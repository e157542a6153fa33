"""What an attendee may book: an open page with its public types, or the one type behind a link."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import LinkEnded, LinkSuspended, NotAvailable, NotFound
from services.booking.meeting_types.records import organizer_of_type, types_of
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.records import organizer_at
from services.booking.page.streams import PAGE
from services.booking.private_links.records import link_owner
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class Offer:
    """A meeting type that may be booked, and with whom."""

    id: UUID
    settings: meeting_type.Settings
    profile: Profile


@dataclass(frozen=True, slots=True)
class OpenPage:
    """An organizer's page with the public meeting types that may be booked."""

    profile: Profile
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class OfferContext:
    """What a booking was made from, as it stands now.

    `is_bookable_again` is whether another time of the same type can be chosen.
    """

    offer: Offer
    page_open: bool
    is_bookable_again: bool


async def open_page(connection: Connection, handle: str) -> OpenPage:
    """Return the open page at the handle; raise NotAvailable, whatever the reason."""
    organizer_id = await organizer_at(connection, handle)
    if organizer_id is None:
        raise NotAvailable
    page_ = PAGE.stream(organizer_id)
    ids = await types_of(connection, organizer_id)
    loaded = await store.load(connection, page_, *map(MEETING_TYPE.stream, ids))
    profile = _open_profile(loaded.get(page_).state)
    offers = []
    for id_ in ids:
        match loaded.get(MEETING_TYPE.stream(id_)).state:
            case meeting_type.MeetingType(settings=settings) if settings.visibility == "public":
                offers.append(Offer(id_, settings, profile))
            case _:
                pass
    return OpenPage(profile, tuple(offers))


async def offer_at_address(connection: Connection, handle: str, slug: str) -> Offer:
    """Return the public meeting type at an open page's address; raise NotAvailable, NotFound."""
    for offer in (await open_page(connection, handle)).offers:
        if offer.settings.slug == slug:
            return offer
    raise NotFound("meeting type")


async def offer_of_type(connection: Connection, type_id: UUID) -> Offer:
    """Return the public meeting type; a private one hides."""
    organizer_id = await organizer_of_type(connection, type_id)
    if organizer_id is None:
        raise NotFound("meeting type")
    page_, type_ = PAGE.stream(organizer_id), MEETING_TYPE.stream(type_id)
    loaded = await store.load(connection, page_, type_)
    match loaded.get(type_).state:
        case meeting_type.MeetingType(settings=settings) if settings.visibility == "public":
            return Offer(type_id, settings, _open_profile(loaded.get(page_).state))
        case _:
            raise NotFound("meeting type")


async def offer_behind_link(connection: Connection, link_id: UUID) -> Offer:
    """Return the type behind the private link; raise LinkEnded with the reason, LinkSuspended."""
    owner = await link_owner(connection, link_id)
    if owner is None:
        raise NotFound("link")
    link, page_ = PRIVATE_LINK.stream(link_id), PAGE.stream(owner.organizer_id)
    type_ = MEETING_TYPE.stream(owner.meeting_type_id)
    loaded = await store.load(connection, link, page_, type_)
    if reason := private_link.end_reason(loaded.get(link).state, loaded.now):
        raise LinkEnded(reason)
    opened, offered = loaded.get(page_).state, loaded.get(type_).state
    if not page.is_open(opened) or not isinstance(offered, meeting_type.MeetingType):
        raise LinkSuspended
    return Offer(owner.meeting_type_id, offered.settings, _open_profile(opened))


async def context_of_booking(
    connection: Connection, organizer_id: UUID, type_id: UUID, link_id: UUID | None
) -> OfferContext:
    """Return the type and the page behind a booking, which outlasts both."""
    page_, type_ = PAGE.stream(organizer_id), MEETING_TYPE.stream(type_id)
    link = PRIVATE_LINK.stream(link_id) if link_id else None
    loaded = await store.load(connection, page_, type_, link)
    owner = loaded.get(page_).state
    if not isinstance(owner, page.Page):
        raise NotFound("page")
    has_link = link and not private_link.end_reason(loaded.get(link).state, loaded.now)
    offered = loaded.get(type_).state
    settings = meeting_type.last_settings(offered)
    reachable = isinstance(offered, meeting_type.MeetingType) and (
        settings.visibility == "public" or bool(has_link)
    )
    return OfferContext(
        Offer(type_id, settings, owner.profile),
        page_open=page.is_open(owner),
        is_bookable_again=page.is_open(owner) and reachable,
    )


def _open_profile(owner: page.State) -> Profile:
    if not isinstance(owner, page.Page) or not page.is_open(owner):
        raise NotAvailable
    return owner.profile
