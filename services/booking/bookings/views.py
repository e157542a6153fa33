"""A booking as its organizer and the holder of its manage token see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.booking.attendees.records import JOINED, AttendeeRecord, attendees, joined_attendee
from services.booking.bookings.records import bookings
from services.booking.bookings.streams import BOOKING
from services.booking.bookings.verdicts import slot_verdict, verdicts
from services.booking.domain import booking, meeting_type
from services.booking.domain.location import Location, as_attendee_sees
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Slot
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.store import store
from services.chassis.postgres.database import Connection, Row, fetch, prepared

_VIEWED = prepared(
    select(
        bookings.c.id,
        bookings.c.organizer_id,
        bookings.c.meeting_type_id,
        bookings.c.link_id,
        bookings.c.created_at,
        verdicts.c.accepted,
        verdicts.c.reasons,
        *JOINED,
    )
    .join(attendees, attendees.c.booking_id == bookings.c.id, isouter=True)
    .join(
        verdicts,
        (verdicts.c.booking_id == bookings.c.id) & (verdicts.c.starts_at == bookings.c.starts_at),
        isouter=True,
    )
    .where(bookings.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(bookings.c.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingView:
    """A booking at a moment; `location` has how to join or call only once it is booked.

    `verdict` is on the booking's own slot; `rejected_for` names the rules if it was rejected.
    """

    id: UUID
    version: int
    state: booking.State
    at: datetime
    status: booking.Status
    release_reason: booking.ReleaseReason | None
    verdict: booking.Verdict
    rejected_for: tuple[str, ...]
    organizer_id: UUID
    meeting_type_id: UUID
    link_id: UUID | None
    title: str
    slot: Slot
    location: Location
    join_url: str | None
    ics_sequence: int
    hold_expires_at: datetime | None
    pending_move: booking.PendingMove | None
    created_at: datetime
    attendee: AttendeeRecord | None

    @property
    def is_settled(self) -> bool:
        """Tell whether neither a verdict nor a move is pending."""
        match self.state:
            case booking.Held():
                return self.verdict != "pending"
            case _:
                return self.pending_move is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What the meeting is about, and where: as agreed, or as its type says until then."""

    title: str
    location: Location
    join_url: str | None = None
    ics_sequence: int = 0


async def view_booking(connection: Connection, booking_id: UUID) -> BookingView:
    """Return the booking; raise NotFound."""
    found = await view_bookings(connection, [booking_id])
    if not found:
        raise NotFound("booking")
    return found[0]


async def view_bookings(connection: Connection, ids: Sequence[UUID]) -> list[BookingView]:
    """Return the bookings, each folded from its stream, by id."""
    rows = await fetch(connection, _VIEWED, ids=list(ids))
    types = {row["meeting_type_id"] for row in rows}
    loaded = await store.load(
        connection,
        *(BOOKING.stream(row["id"]) for row in rows),
        *(MEETING_TYPE.stream(type_id) for type_id in types),
    )
    return [
        _view(
            row,
            loaded.get(BOOKING.stream(row["id"])).version,
            loaded.get(BOOKING.stream(row["id"])).state,
            loaded.get(MEETING_TYPE.stream(row["meeting_type_id"])).state,
            loaded.now,
        )
        for row in rows
    ]


def _view(
    row: Row,
    version: int,
    state: booking.State,
    offered: meeting_type.State,
    at: datetime,
) -> BookingView:
    subject = _subject(state, offered)
    found = slot_verdict(row["accepted"], row["reasons"])
    return BookingView(
        id=row["id"],
        version=version,
        state=state,
        at=at,
        status=booking.status(state, at),
        release_reason=booking.release_reason(state, at),
        verdict=found.verdict,
        rejected_for=found.rejected_for,
        organizer_id=row["organizer_id"],
        meeting_type_id=row["meeting_type_id"],
        link_id=row["link_id"],
        title=subject.title,
        slot=booking.slot_of(state),
        location=subject.location,
        join_url=subject.join_url,
        ics_sequence=subject.ics_sequence,
        hold_expires_at=state.expires_at if isinstance(state, booking.Held) else None,
        pending_move=booking.pending_move(state, at),
        created_at=row["created_at"],
        attendee=joined_attendee(row),
    )


def _subject(state: booking.State, offered: meeting_type.State) -> _Subject:
    match state:
        case booking.Confirmed() | booking.Cancelled():
            terms = state.meeting.terms
            return _Subject(
                title=terms.title,
                location=as_attendee_sees(terms.location, booked=True),
                join_url=terms.join_url,
                ics_sequence=state.ics_sequence,
            )
        case _:
            settings = meeting_type.last_settings(offered)
            return _Subject(
                title=settings.title, location=as_attendee_sees(settings.location, booked=False)
            )
