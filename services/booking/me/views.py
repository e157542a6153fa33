"""What is held about one person, and what became of an erasure: typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.attendees import erasure_records
from services.booking.attendees.erasure import email_of, records_of
from services.booking.attendees.records import AttendeeRecord
from services.booking.attendees.streams import HELD_DATA
from services.booking.bookings.context import load_bookings
from services.booking.bookings.views import BookingView, view_of
from services.booking.domain import held_data, page
from services.booking.domain.private_link import end_reason
from services.booking.domain.refusals import HeldDataLinkEnded, NotFound
from services.booking.page.streams import PAGE
from services.booking.private_links.details import AddressedLink, links_addressed_to
from services.booking.private_links.streams import PRIVATE_LINK
from services.booking.store import store
from services.chassis.postgres.database import Connection

# The services that hold a copy of an attendee's data, and answer each erasure with a receipt.
OTHER_HOLDERS = ("notifier",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBooking:
    """What is held about the attendee of one booking."""

    record: AttendeeRecord
    booking: BookingView
    organizer_name: str
    organizer_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLink:
    """What is held about the addressee of a private link; `ends` is whether an erasure ends it."""

    link: AddressedLink
    organizer_name: str
    organizer_email: str
    ends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one service said about an erasure; `erased_at` is None until it has said it of all."""

    service: str
    records: int
    erased_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was erased at once, with each service's receipt; `records` counts links too."""

    id: UUID
    by: held_data.Eraser
    erased_at: datetime
    records: int
    links: int
    links_ended: int
    receipts: Sequence[Receipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldData:
    """All that is held about a person, or their erasure; by a mailed link, until it expires."""

    email: str | None
    expires_at: datetime | None
    bookings: Sequence[HeldBooking]
    links: Sequence[HeldLink] = ()
    erasure: Erasure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A mailed link that works: whose it is, until when, and their erasure if there was one."""

    attendee_id: UUID
    expires_at: datetime
    erasure_id: UUID | None


async def open_request(connection: Connection, request_id: UUID) -> OpenRequest:
    """Return whose link it is; raise HeldDataLinkEnded."""
    attendee_id = await erasure_records.requesting_attendee(connection, request_id)
    if attendee_id is None:
        raise HeldDataLinkEnded
    stream = HELD_DATA.stream(attendee_id)
    loaded = await store.load(connection, stream)
    state = loaded.get(stream).state
    if not held_data.opens(state, request_id, loaded.now):
        raise HeldDataLinkEnded
    return OpenRequest(
        attendee_id=attendee_id,
        expires_at=state.requests[-1].expires_at,
        erasure_id=state.erasure_id if isinstance(state, held_data.Erased) else None,
    )


async def held_by_request(connection: Connection, request_id: UUID) -> HeldData:
    """Return what the mailed link shows."""
    opened = await open_request(connection, request_id)
    if opened.erasure_id:
        return HeldData(
            email=None,
            expires_at=opened.expires_at,
            bookings=(),
            erasure=await view_erasure(connection, opened.erasure_id),
        )
    try:
        return await held_by_person(connection, opened.attendee_id, opened.expires_at)
    except NotFound:  # the organizer has taken the addressee out of the link
        raise HeldDataLinkEnded from None


async def held_by_person(
    connection: Connection, id_: UUID, expires_at: datetime | None = None
) -> HeldData:
    """Return what is held about the person with that id; raise NotFound."""
    email = await email_of(connection, id_)
    if email is None:
        raise NotFound("attendee")
    people = {record.booking_id: record for record in await records_of(connection, email)}
    held = []
    for context in await load_bookings(connection, list(people)):
        owner = context.page.state
        profile = owner.profile if isinstance(owner, page.Page) else None
        held.append(
            HeldBooking(
                record=people[context.owner.booking_id],
                booking=view_of(context),
                organizer_name=profile.display_name if profile else "",
                organizer_email=profile.email if profile else "",
            )
        )
    return HeldData(
        email=email,
        expires_at=expires_at,
        bookings=held,
        links=await _held_links(connection, email),
    )


async def _held_links(connection: Connection, email: str) -> Sequence[HeldLink]:
    links = await links_addressed_to(connection, email)
    loaded = await store.load(
        connection,
        *(PRIVATE_LINK.stream(each.link_id) for each in links),
        *(PAGE.stream(id_) for id_ in {each.organizer_id for each in links}),
    )
    held = []
    for each in links:
        owner = loaded.get(PAGE.stream(each.organizer_id)).state
        profile = owner.profile if isinstance(owner, page.Page) else None
        state = loaded.get(PRIVATE_LINK.stream(each.link_id)).state
        held.append(
            HeldLink(
                link=each,
                organizer_name=profile.display_name if profile else "",
                organizer_email=profile.email if profile else "",
                ends=not each.has_others and end_reason(state, loaded.now) is None,
            )
        )
    return held


async def view_erasure(connection: Connection, erasure_id: UUID) -> Erasure:
    """Return what was erased, and which services have said so; raise NotFound."""
    rows = await erasure_records.erasure_rows(connection, erasure_id)
    if not rows:
        raise NotFound("erasure")
    erased = {row.attendee_id: row for row in rows}
    when = max(row.erased_at for row in rows)
    receipts = [Receipt(service="booking", records=len(erased), erased_at=when)]
    for service in OTHER_HOLDERS:
        given = [row.receipt_at for row in rows if row.service == service and row.receipt_at]
        is_whole = len(given) == len(erased)
        receipts.append(
            Receipt(service=service, records=len(given), erased_at=max(given) if is_whole else None)
        )
    return Erasure(
        id=erasure_id,
        by=rows[0].by,
        erased_at=when,
        records=len(erased),
        links=sum(row.link_id is not None for row in erased.values()),
        links_ended=sum(row.link_ended for row in erased.values()),
        receipts=receipts,
    )
