"""What a booking's events change in its read models: the list, the claims, the timer of a hold."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, update

from services.booking.bookings import claims
from services.booking.bookings.offered_claims import drop_overlapping_of_link, return_to_offer
from services.booking.bookings.records import bookings
from services.booking.bookings.verdicts import forget_verdict
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    Event,
    HoldExtended,
    SlotReleased,
    SlotReserved,
)
from services.chassis.events import timers
from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, prepared

HOLD_TIMER = "hold"

_id = bindparam("of", type_=Uuid)
_ADD_BOOKING = prepared(
    insert(bookings).values(
        id=bindparam("id"),
        organizer_id=bindparam("organizer_id"),
        meeting_type_id=bindparam("meeting_type_id"),
        link_id=bindparam("link_id"),
        status="held",
        starts_at=bindparam("starts_at"),
        ends_at=bindparam("ends_at"),
        created_at=bindparam("created_at"),
    )
)
_SET_STATUS = prepared(
    update(bookings).where(bookings.c.id == _id).values(status=bindparam("status"))
)
_MOVE_BOOKING = prepared(
    update(bookings)
    .where(bookings.c.id == _id)
    .values(starts_at=bindparam("starts_at"), ends_at=bindparam("ends_at"))
)


def project(recorded: Recorded[Event]) -> Iterable[Statement]:
    """Return what the event changes."""
    id_, organizer_id = UUID(recorded.subject), UUID(recorded.key)
    match recorded.event:
        case SlotReserved() as reserved:
            yield from _reserved(id_, recorded, reserved)
        case HoldExtended() as extended:
            yield claims.keep(id_, organizer_id, extended.slot, held_until=extended.expires_at)
            yield timers.schedule(HOLD_TIMER, recorded.subject, extended.expires_at)
        case SlotReleased() as released:
            yield claims.drop(id_, released.slot)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            if released.purpose == "new":
                yield _set_status(id_, "released")
                yield return_to_offer(id_)
        case BookingConfirmed() as confirmed:
            yield claims.keep(id_, organizer_id, confirmed.slot, held_until=None)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            yield _set_status(id_, "confirmed")
        case BookingRescheduled() as moved:
            yield claims.drop(id_, moved.old)
            yield claims.keep(id_, organizer_id, moved.new, held_until=None)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            times = {"starts_at": moved.new.start, "ends_at": moved.new.end}
            yield Statement(_MOVE_BOOKING, {"of": id_, **times})
        case BookingCancelled() as cancelled:
            yield claims.drop(id_, cancelled.slot)
            yield _set_status(id_, "cancelled")


def _reserved(id_: UUID, recorded: Recorded[Event], reserved: SlotReserved) -> Iterable[Statement]:
    slot = reserved.slot
    if reserved.purpose == "new":
        yield Statement(
            _ADD_BOOKING,
            {
                "id": id_,
                "organizer_id": reserved.organizer_id,
                "meeting_type_id": reserved.meeting_type_id,
                "link_id": reserved.link_id,
                "starts_at": slot.start,
                "ends_at": slot.end,
                "created_at": recorded.time,
            },
        )
        if reserved.link_id:
            yield drop_overlapping_of_link(reserved.link_id, slot)
    else:
        yield forget_verdict(id_, slot.start)
    yield claims.keep(id_, UUID(recorded.key), slot, held_until=reserved.expires_at)
    yield timers.schedule(HOLD_TIMER, recorded.subject, reserved.expires_at)


def _set_status(id_: UUID, status: str) -> Statement:
    return Statement(_SET_STATUS, {"of": id_, "status": status})
