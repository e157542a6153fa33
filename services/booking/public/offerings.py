"""What an attendee may book: an open page with its public types, or the one type behind a link."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain import meeting_type, page, private_link
from services.booking.domain.offering import is_offered, with_link
from services.booking.domain.profile import Profile
from services.booking.domain.refusals import (
    LinkEnded,
    LinkNotYet,
    LinkSuspended,
    NotAvailable,
    NotFound,
)
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.policy_versions import IN_DOUBT
from services.booking.page.streams import PAGE
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.events.loading import Loaded, events_of
from services.chassis.events.transactions import Transactions
from services.chassis.postgres.database import Connection, Row, fetch_one, sql
from services.chassis.runtime.shared_reads import SharedReads

# Each finds what belongs together and reads its streams, in one round trip.
_AT_HANDLE = sql(f"""
    SELECT p.organizer_id, types.ids AS type_ids, {IN_DOUBT} AS policy_in_doubt, s.*
    FROM pages p
    CROSS JOIN LATERAL (
        SELECT array_agg(t.id ORDER BY t.id) AS ids,
            array_agg('{MEETING_TYPE.name}-' || t.id) AS names
        FROM meeting_types t
        WHERE t.organizer_id = p.organizer_id
            AND (%(slug)s::text IS NULL OR t.slug = %(slug)s::text)) AS types
    CROSS JOIN LATERAL (
        {events_of(f"array_prepend('{PAGE.name}-' || p.organizer_id, types.names)")}) AS s
    WHERE p.handle = %(handle)s OR p.organizer_id = (
        SELECT a.organizer_id FROM page_addresses a
        WHERE a.handle = %(handle)s AND a.forwards_until > clock_timestamp())
""")  # noqa: S608 -- names of streams, never a value
_TYPE_AND_PAGE = f"ARRAY['{MEETING_TYPE.name}-' || t.id, '{PAGE.name}-' || t.organizer_id]"
_OF_TYPE = sql(f"""
    SELECT t.organizer_id, {IN_DOUBT} AS policy_in_doubt, s.*
    FROM meeting_types t CROSS JOIN LATERAL ({events_of(_TYPE_AND_PAGE)}) AS s
    WHERE t.id = %(id)s
""")  # noqa: S608 -- names of streams, never a value
_LINK_AND_OTHERS = f"""ARRAY['{PRIVATE_LINK.name}-' || l.id,
    '{MEETING_TYPE.name}-' || l.meeting_type_id, '{PAGE.name}-' || l.organizer_id]"""
_BEHIND_LINK = sql(f"""
    SELECT l.organizer_id, l.meeting_type_id, {IN_DOUBT} AS policy_in_doubt, s.*
    FROM private_links l CROSS JOIN LATERAL ({events_of(_LINK_AND_OTHERS)}) AS s
    WHERE l.id = %(id)s
""")  # noqa: S608 -- names of streams, never a value


@dataclass(frozen=True, slots=True)
class Offering:
    """A meeting type that may be booked, and with whom."""

    id: UUID
    settings: meeting_type.Settings
    profile: Profile


@dataclass(frozen=True, slots=True)
class OpenPage:
    """An organizer's page with the public meeting types that may be booked."""

    profile: Profile
    offerings: tuple[Offering, ...]


@dataclass(frozen=True, slots=True)
class OfferingContext:
    """What a booking was made from, as it stands now.

    `is_bookable_again` is whether another time of the same type can be chosen; `held` is the type
    as it was when the time was held.
    """

    offering: Offering
    page_open: bool
    is_bookable_again: bool
    held: meeting_type.Settings


class OfferingReader:
    """Reads what pages show that many people open at the same time, once for all of them."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._at_address: SharedReads[tuple[str, str], Offering] = SharedReads(
            self._read_at_address
        )

    async def at_address(self, handle: str, slug: str) -> Offering:
        """Return the public type at an open page's address; raise NotAvailable, NotFound."""
        return await self._at_address.of((handle, slug))

    async def _read_at_address(self, address: tuple[str, str]) -> Offering:
        return await self._transactions.read(lambda c: offering_at_address(c, *address))


async def open_page(connection: Connection, handle: str) -> OpenPage:
    """Return the open page at the handle; raise NotAvailable, whatever the reason."""
    return await _open_page(connection, handle, slug=None)


async def offering_at_address(connection: Connection, handle: str, slug: str) -> Offering:
    """Return the public meeting type at an open page's address; raise NotAvailable, NotFound."""
    for offering in (await _open_page(connection, handle, slug)).offerings:
        return offering
    raise NotFound("meeting type")


async def _open_page(connection: Connection, handle: str, slug: str | None) -> OpenPage:
    row = await fetch_one(connection, _AT_HANDLE, handle=handle, slug=slug)
    if row is None:
        raise NotAvailable
    loaded = Loaded(row)
    profile = _open_profile(row, loaded)
    offerings = []
    for id_ in row["type_ids"] or ():
        match loaded.get(MEETING_TYPE.stream(id_)).state:
            case meeting_type.MeetingType(settings=settings) if _is_shown(settings):
                offerings.append(Offering(id_, settings, profile))
            case _:
                pass
    return OpenPage(profile, tuple(offerings))


async def offering_of_type(connection: Connection, type_id: UUID) -> Offering:
    """Return the public meeting type; a private one hides."""
    row = await fetch_one(connection, _OF_TYPE, id=type_id)
    if row is None:
        raise NotFound("meeting type")
    loaded = Loaded(row)
    match loaded.get(MEETING_TYPE.stream(type_id)).state:
        case meeting_type.MeetingType(settings=settings) if _is_shown(settings):
            return Offering(type_id, settings, _open_profile(row, loaded))
        case _:
            raise NotFound("meeting type")


async def offering_behind_link(connection: Connection, link_id: UUID) -> Offering:
    """Return the type behind the private link; raise LinkEnded with the reason, LinkSuspended."""
    row = await fetch_one(connection, _BEHIND_LINK, id=link_id)
    if row is None:
        raise NotFound("link")
    loaded, type_id = Loaded(row), row["meeting_type_id"]
    link = loaded.get(PRIVATE_LINK.stream(link_id)).state
    if reason := private_link.end_reason(link, loaded.now):
        raise LinkEnded(reason)
    if opening := private_link.opens_later(link, loaded.now):
        raise LinkNotYet(opening)
    opened = loaded.get(PAGE.stream(row["organizer_id"])).state
    offered = loaded.get(MEETING_TYPE.stream(type_id)).state
    if not is_offered(offered, opened) or not isinstance(offered, meeting_type.MeetingType):
        raise LinkSuspended
    if row["policy_in_doubt"]:
        raise LinkSuspended
    settings = with_link(offered.settings, link)
    return Offering(type_id, settings, _open_profile(row, loaded))


async def context_of_booking(
    connection: Connection,
    organizer_id: UUID,
    type_id: UUID,
    link_id: UUID | None,
    revision: int | None = None,
) -> OfferingContext:
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
    reachable = settings.visibility == "public" or bool(has_link)
    return OfferingContext(
        Offering(type_id, settings, owner.profile),
        page_open=page.is_open(owner),
        is_bookable_again=is_offered(offered, owner) and reachable,
        held=meeting_type.settings_at(offered, revision),
    )


def _is_shown(settings: meeting_type.Settings) -> bool:
    """Tell whether visitors see the type without a link."""
    return settings.visibility == "public" and settings.enabled


def _open_profile(row: Row, loaded: Loaded) -> Profile:
    """Return the profile of a page that visitors may see, as far as that is known."""
    owner = loaded.get(PAGE.stream(row["organizer_id"])).state
    if not isinstance(owner, page.Page) or not page.is_open(owner) or row["policy_in_doubt"]:
        raise NotAvailable
    return owner.profile
