"""The event that the benchmarks use: a slot that an attendee reserved, as booking stores it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.booking.bookings.publish import publish
from services.booking.bookings.streams import BOOKING
from services.booking.domain import booking, meeting_type, page
from services.booking.domain.booking import SlotReserved
from services.booking.domain.slot import Slot
from services.booking.meeting_types.streams import MEETING_TYPE
from services.booking.page.streams import PAGE
from services.chassis.events.streams import Aggregate, AnyChange, Change, Recorded
from services.chassis.ids import new_id
from services.chassis.messaging.headers import unpack
from services.chassis.messaging.outbox import headers_of
from services.chassis.runtime.cause import current_cause

AT = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)


def reserved(organizer_id: UUID, meeting_type_id: UUID, start: datetime) -> SlotReserved:
    return SlotReserved(
        organizer_id=organizer_id,
        meeting_type_id=meeting_type_id,
        link_id=None,
        slot=Slot(start, start + timedelta(minutes=30)),
        expires_at=AT + timedelta(minutes=10),
        purpose="new",
        by="attendee",
    )


def reservation(organizer_id: UUID, booking_id: UUID, start: datetime) -> list[AnyChange]:
    """Return what booking's handler appends: the page and the type are guarded, not changed."""
    type_id = new_id()
    return [
        Aggregate(PAGE.stream(organizer_id), 0, page.DECIDER.initial).guard(),
        Aggregate(MEETING_TYPE.stream(type_id), 0, meeting_type.DECIDER.initial).guard(),
        Change(
            Aggregate(BOOKING.stream(booking_id), 0, booking.DECIDER.initial),
            [reserved(organizer_id, type_id, start)],
        ),
    ]


def published(
    organizer_id: UUID, sequence: int, start: datetime
) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return a reservation's record: key, value, headers."""
    booking_id = new_id()
    key = str(organizer_id)
    event = reserved(organizer_id, new_id(), start)
    stream = BOOKING.stream(booking_id).name
    message = publish(Recorded(booking_id, stream, 1, key, AT, event))
    headers = unpack(headers_of(message, id_=booking_id, at=AT, cause=current_cause(), key=key))
    headers.append(("ce_sequence", str(sequence).encode()))
    return key.encode(), message.model_dump_json().encode(), headers
