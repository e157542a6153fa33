"""A booking as its organizer and the holder of its manage token see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.attendees.records import AttendeeRecord
from services.booking.bookings.context import BookingContext
from services.booking.domain import booking, meeting_type, page
from services.booking.domain.location import Location, as_attendee_sees
from services.booking.domain.slot import Slot


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
    release_reason: booking.ReleaseReason | booking.LapseReason | None
    decline_reason: booking.DeclineReason | None
    verdict: booking.Verdict
    rejected_for: tuple[str, ...]
    organizer_id: UUID
    organizer_time_zone: str
    meeting_type_id: UUID
    link_id: UUID | None
    title: str
    slot: Slot
    location: Location
    join_url: str | None
    ics_sequence: int
    hold_expires_at: datetime | None
    verify_by: datetime | None
    answer_by: datetime | None
    pending_move: booking.PendingMove | None
    asked_to_move: bool
    created_at: datetime
    attendee: AttendeeRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What the meeting is about, and where: as agreed, or as its type says until then."""

    title: str
    location: Location
    join_url: str | None = None
    ics_sequence: int = 0


def view_of(context: BookingContext) -> BookingView:
    """Return the booking as it stands in the context."""
    state, at, owner = context.booking.state, context.now, context.owner
    subject = _subject(state, context.meeting_type.state)
    return BookingView(
        id=owner.booking_id,
        version=context.booking.version,
        state=state,
        at=at,
        status=booking.status(state, at),
        release_reason=booking.release_reason(state, at),
        decline_reason=booking.decline_reason(state, at),
        verdict=context.verdict.verdict,
        rejected_for=context.verdict.rejected_for,
        organizer_id=owner.organizer_id,
        organizer_time_zone=page.time_zone(context.page.state),
        meeting_type_id=owner.meeting_type_id,
        link_id=owner.link_id,
        title=subject.title,
        slot=booking.slot_of(state),
        location=subject.location,
        join_url=subject.join_url,
        ics_sequence=subject.ics_sequence,
        hold_expires_at=state.expires_at if isinstance(state, booking.Held) else None,
        verify_by=state.expires_at if isinstance(state, booking.Unverified) else None,
        answer_by=state.expires_at if isinstance(state, booking.Requested) else None,
        pending_move=booking.pending_move(state, at),
        asked_to_move=isinstance(state, booking.Confirmed) and state.asked_to_move,
        created_at=context.created_at,
        attendee=context.attendee,
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
        case booking.Unverified() | booking.Requested() | booking.Declined():
            terms = state.meeting.terms
            return _Subject(
                title=terms.title, location=as_attendee_sees(terms.location, booked=False)
            )
        case _:
            settings = meeting_type.last_settings(offered)
            return _Subject(
                title=settings.title, location=as_attendee_sees(settings.location, booked=False)
            )
