"""What a booking's events change in its read models: the list, the claims, its timers."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, update

from services.booking.bookings import claims
from services.booking.bookings.offered_claims import drop_overlapping_of_link, return_to_offer
from services.booking.bookings.records import bookings
from services.booking.bookings.verdicts import forget_verdict
from services.booking.domain.booking import (
    AddressVerified,
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingDetailsChanged,
    BookingLapsed,
    BookingRequested,
    BookingRescheduled,
    Event,
    HoldExtended,
    RequestRescheduled,
    RescheduleApprovalRequested,
    RescheduleDeclined,
    RescheduleRequested,
    SlotReleased,
    SlotReserved,
    VerificationRequested,
)
from services.booking.domain.slot import Slot
from services.chassis.events import timers
from services.chassis.events.streams import Recorded
from services.chassis.postgres.database import Statement, prepared, sql

# The deadline of a hold, of a new time that awaits its answer too.
HOLD_TIMER = "hold"
# The deadline of a request: beside that of a new time which is asked for meanwhile.
REQUEST_TIMER = "request"
# The deadline by which an address must be proven.
VERIFICATION_TIMER = "verification"
# Due at once: somebody else has the time of a booking whose address is not proven.
TAKEN_TIMER = "taken"

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

# For each booking whose attendee has not proven their address, and whose time is taken now: a timer
# of its own, so that none is lost while another fires.
_END_UNVERIFIED = sql("""
    INSERT INTO timers (kind, key, due_at)
    SELECT %(kind)s, b.id || ':' || %(taken_by)s, clock_timestamp() FROM bookings b
    WHERE b.organizer_id = %(organizer_id)s AND b.status = 'unverified'
        AND b.starts_at < %(ends_at)s AND b.ends_at > %(starts_at)s
    ON CONFLICT DO NOTHING
""")


def project(recorded: Recorded[Event]) -> Iterable[Statement]:  # noqa: C901 -- an event, a branch
    """Return what the event changes."""
    id_, subject, organizer_id = UUID(recorded.subject), recorded.subject, UUID(recorded.key)
    match recorded.event:
        case SlotReserved() as reserved:
            yield from _reserved(id_, recorded, reserved)
        case HoldExtended() as extended:
            yield claims.keep(id_, organizer_id, extended.slot, held_until=extended.expires_at)
            yield timers.schedule(HOLD_TIMER, recorded.subject, extended.expires_at)
        case SlotReleased() as released:
            yield claims.drop(id_, released.slot)
            yield timers.cancel(HOLD_TIMER, subject)
            if released.purpose == "new":
                yield _set_status(id_, "released")
                yield return_to_offer(id_, recorded.time)
        case BookingConfirmed() as confirmed:
            yield from _kept(id_, organizer_id, confirmed.slot, None)
            if confirmed.approved_by:
                yield timers.cancel(REQUEST_TIMER, subject)
            yield _set_status(id_, "confirmed")
        case BookingRescheduled() as moved:
            yield claims.drop(id_, moved.old)
            yield from _kept(id_, organizer_id, moved.new, None)
            yield _move(id_, moved.new)
        case BookingCancelled() as cancelled:
            yield claims.drop(id_, cancelled.slot)
            yield _set_status(id_, "cancelled")
        case VerificationRequested() | AddressVerified() | BookingLapsed() as event:
            yield from _verification(id_, event, recorded.time)
        case BookingRequested() | RequestRescheduled() | BookingDeclined() as event:
            yield from _request(id_, organizer_id, event, recorded.time)
        case RescheduleApprovalRequested() as asked:
            yield claims.keep(id_, organizer_id, asked.wanted, held_until=asked.expires_at)
            yield timers.schedule(HOLD_TIMER, subject, asked.expires_at)
        case RescheduleDeclined() as declined:
            yield claims.drop(id_, declined.wanted)
            yield timers.cancel(HOLD_TIMER, subject)
        case RescheduleRequested() | BookingDetailsChanged():
            pass  # no row says it
        case event:
            assert_never(event)


def _verification(
    id_: UUID, event: VerificationRequested | AddressVerified | BookingLapsed, at: datetime
) -> Iterable[Statement]:
    match event:
        case VerificationRequested():
            yield claims.drop(id_, event.slot)
            yield return_to_offer(id_, at)
            yield timers.cancel(HOLD_TIMER, str(id_))
            yield timers.schedule(VERIFICATION_TIMER, str(id_), event.expires_at)
            yield _set_status(id_, "unverified")
        case AddressVerified():
            yield timers.cancel(VERIFICATION_TIMER, str(id_))
        case BookingLapsed():
            yield timers.cancel(VERIFICATION_TIMER, str(id_))
            yield _set_status(id_, "released")
            yield return_to_offer(id_, at)


def _request(
    id_: UUID,
    organizer_id: UUID,
    event: BookingRequested | RequestRescheduled | BookingDeclined,
    at: datetime,
) -> Iterable[Statement]:
    match event:
        case BookingRequested(slot=slot, expires_at=deadline):
            yield from _kept(id_, organizer_id, slot, deadline)
            yield timers.schedule(REQUEST_TIMER, str(id_), deadline)
            yield _set_status(id_, "requested")
        case RequestRescheduled(old=old, new=new, expires_at=deadline):
            yield claims.drop(id_, old)
            yield from _kept(id_, organizer_id, new, deadline)
            yield timers.schedule(REQUEST_TIMER, str(id_), deadline)
            yield _move(id_, new)
        case BookingDeclined(slot=slot, reason=reason):
            yield claims.drop(id_, slot)
            yield return_to_offer(id_, at)
            yield timers.cancel(REQUEST_TIMER, str(id_))
            yield _set_status(id_, "cancelled" if reason == "withdrawn" else "declined")


def _kept(id_: UUID, organizer_id: UUID, slot: Slot, until: datetime | None) -> Iterable[Statement]:
    """Keep the time from the hold on; who has not proven their address yet has lost it."""
    yield claims.keep(id_, organizer_id, slot, held_until=until)
    yield timers.cancel(HOLD_TIMER, str(id_))
    taken = {"kind": TAKEN_TIMER, "taken_by": str(id_), "organizer_id": organizer_id}
    yield Statement(_END_UNVERIFIED, {**taken, **_times(slot)})


def _reserved(id_: UUID, recorded: Recorded[Event], reserved: SlotReserved) -> Iterable[Statement]:
    slot = reserved.slot
    if reserved.asked_at:
        yield forget_verdict(id_, slot.start)
        yield _set_status(id_, "held")
    elif reserved.purpose == "new":
        yield Statement(
            _ADD_BOOKING,
            {
                "id": id_,
                "organizer_id": reserved.organizer_id,
                "meeting_type_id": reserved.meeting_type_id,
                "link_id": reserved.link_id,
                **_times(slot),
                "created_at": recorded.time,
            },
        )
    else:
        yield forget_verdict(id_, slot.start)
    if reserved.link_id:
        yield drop_overlapping_of_link(reserved.link_id, slot)
    yield claims.keep(id_, UUID(recorded.key), slot, held_until=reserved.expires_at)
    yield timers.schedule(HOLD_TIMER, recorded.subject, reserved.expires_at)


def _set_status(id_: UUID, status: str) -> Statement:
    return Statement(_SET_STATUS, {"of": id_, "status": status})


def _move(id_: UUID, slot: Slot) -> Statement:
    return Statement(_MOVE_BOOKING, {"of": id_, **_times(slot)})


def _times(slot: Slot) -> dict[str, datetime]:
    return {"starts_at": slot.start, "ends_at": slot.end}
