"""What somebody asks to reserve, with everything that the rules about it read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.booking.bookings.claims import IS_TAKEN
from services.booking.bookings.streams import BOOKING, BookingAggregate, BookingStream
from services.booking.domain.attendee import Attendee
from services.booking.domain.slot import Party
from services.booking.meeting_types.streams import (
    MEETING_TYPE,
    MeetingTypeAggregate,
    MeetingTypeStream,
)
from services.booking.page.policy_versions import IN_DOUBT
from services.booking.page.streams import PAGE, PageAggregate
from services.booking.private_links.streams import (
    PRIVATE_LINK,
    PrivateLinkAggregate,
    PrivateLinkStream,
)
from services.chassis.events.loading import Loaded, events_of
from services.chassis.postgres.database import Connection, Row, fetch, sql

_STREAMS = f"q.streams || ('{PAGE.name}-' || t.organizer_id)"
_LOAD = sql(f"""
    SELECT q.place, t.organizer_id, {IS_TAKEN} AS is_taken, {IN_DOUBT} AS policy_in_doubt, s.*
    FROM jsonb_to_recordset(%(asked)s) AS q (
        place integer, type_id uuid, link_id uuid, start timestamptz, own uuid[], streams text[])
    JOIN meeting_types t ON t.id = q.type_id
    CROSS JOIN LATERAL ({events_of(_STREAMS)}) AS s
""")  # noqa: S608 -- names of columns and streams, never a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What somebody asks for: a time of a meeting type, perhaps through a private link.

    With `instead_of` the time that they hold so far is given up in the same moment, or kept.
    Without a duration it is the type's default one. An attendee is known where the time is to be
    confirmed in the same call. `signed_in` is who is signed in, if anybody: the organizer may book
    their own page on somebody's behalf.
    """

    booking_id: UUID
    meeting_type_id: UUID
    start: datetime
    link_id: UUID | None
    instead_of: UUID | None = None
    duration_minutes: int | None = None
    signed_in: UUID | None = None
    attendee: Attendee | None = None

    @property
    def is_member(self) -> bool:
        """Tell whether a member of the organization asks."""
        return self.signed_in is not None

    def party(self, organizer_id: UUID) -> Party:
        """Return as whom they book with that organizer."""
        return "organizer" if self.signed_in == organizer_id else "attendee"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationContext:
    """The streams that a reservation reads and writes, all of one moment.

    `is_taken` tells whether another booking has the start already, `policy_in_doubt` whether the
    administrators may have closed the page, and it is not known yet.
    """

    organizer_id: UUID
    is_taken: bool
    booking: BookingAggregate
    page: PageAggregate
    meeting_type: MeetingTypeAggregate
    link: PrivateLinkAggregate | None
    replaced: BookingAggregate | None
    now: datetime
    policy_in_doubt: bool


async def load_reservations(
    connection: Connection, asked: Sequence[Reservation]
) -> list[ReservationContext | None]:
    """Return what each reservation reads, in one round trip; None without such a meeting type."""
    questions = [_question(place, each) for place, each in enumerate(asked)]
    rows = await fetch(connection, _LOAD, asked=Jsonb(questions))
    found = {row["place"]: _context(asked[row["place"]], row) for row in rows}
    return [found.get(place) for place in range(len(asked))]


def _question(place: int, asked: Reservation) -> dict[str, object]:
    return {
        "place": place,
        "type_id": str(asked.meeting_type_id),
        "link_id": str(asked.link_id) if asked.link_id else None,
        "start": asked.start.isoformat(),
        "own": [str(id_) for id_ in (asked.booking_id, asked.instead_of) if id_],
        "streams": [stream.name for stream in _streams(asked) if stream],
    }


def _streams(
    asked: Reservation,
) -> tuple[BookingStream, MeetingTypeStream, PrivateLinkStream | None, BookingStream | None]:
    return (
        BOOKING.stream(asked.booking_id),
        MEETING_TYPE.stream(asked.meeting_type_id),
        PRIVATE_LINK.stream(asked.link_id) if asked.link_id else None,
        BOOKING.stream(asked.instead_of) if asked.instead_of else None,
    )


def _context(asked: Reservation, row: Row) -> ReservationContext:
    new, type_, link, replaced = _streams(asked)
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
        policy_in_doubt=row["policy_in_doubt"],
    )
