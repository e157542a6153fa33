"""What somebody asks to reserve, with everything that the rules about it read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.bookings.claims import IS_TAKEN
from services.booking.bookings.streams import BOOKING, BookingAggregate
from services.booking.domain.slot import Party
from services.booking.meeting_types.streams import MEETING_TYPE, MeetingTypeAggregate
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.streams import PRIVATE_LINK, PrivateLinkAggregate
from services.chassis.events.loading import Loaded, events_of
from services.chassis.postgres.database import Connection, fetch_one, sql

_LOAD = sql(f"""
    SELECT t.organizer_id, {IS_TAKEN} AS is_taken, s.*
    FROM meeting_types t
    CROSS JOIN LATERAL ({events_of(f"%(streams)s::text[] || ('{PAGE.name}-' || t.organizer_id)")})
        AS s
    WHERE t.id = %(id)s
""")  # noqa: S608 -- names of columns and streams, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What somebody asks for: a time of a meeting type, perhaps through a private link.

    With `instead_of` the time that they hold so far is given up in the same moment, or kept.
    """

    booking_id: UUID
    meeting_type_id: UUID
    start: datetime
    by: Party
    link_id: UUID | None
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationContext:
    """The streams that a reservation reads and writes, all of one moment.

    `is_taken` tells whether another booking has the start already.
    """

    organizer_id: UUID
    is_taken: bool
    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    replaced: BookingAggregate | None
    now: datetime


async def load_reservation(connection: Connection, asked: Reservation) -> ReservationContext | None:
    """Return what the reservation reads, in one round trip; None without such a meeting type."""
    new, type_ = BOOKING.stream(asked.booking_id), MEETING_TYPE.stream(asked.meeting_type_id)
    link = PRIVATE_LINK.stream(asked.link_id) if asked.link_id else None
    replaced = BOOKING.stream(asked.instead_of) if asked.instead_of else None
    row = await fetch_one(
        connection,
        _LOAD,
        id=asked.meeting_type_id,
        start=asked.start,
        own=[id_ for id_ in (asked.booking_id, asked.instead_of) if id_],
        streams=[stream.name for stream in (new, type_, link, replaced) if stream],
    )
    if row is None:
        return None
    loaded = Loaded(row)
    return ReservationContext(
        organizer_id=row["organizer_id"],
        is_taken=row["is_taken"],
        booking=loaded.get(new),
        page=loaded.get(PAGE.stream(row["organizer_id"])),
        meeting_type=loaded.get(type_),
        link=loaded.find(link),
        replaced=loaded.find(replaced),
        now=loaded.now,
    )
