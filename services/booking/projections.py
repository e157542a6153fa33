"""Booking's read models: what each event changes, in the transaction that appends it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Uuid

from contracts.availability import SlotAccepted, SlotRejected
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.meeting_type import (
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
)
from services.booking.domain.page import PageAddressRenewed, PageChanged, PageCreated
from services.booking.domain.private_link import (
    LinkExpired,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.slot import Slot
from services.booking.tables import (
    bookings,
    meeting_types,
    pages,
    private_links,
    slot_claims,
    verdicts,
)
from services.chassis.events import timers
from services.chassis.events.store import Recorded
from services.chassis.postgres.database import Connection, Statement, enqueue, prepared, sql

HOLD_TIMER = "hold"
LINK_TIMER = "link"

_id = bindparam("of", type_=Uuid)

_PAGE = insert(pages).values(organizer_id=bindparam("organizer_id"), handle=bindparam("handle"))
_PUT_PAGE = prepared(
    _PAGE.on_conflict_do_update(
        index_elements=["organizer_id"], set_={"handle": _PAGE.excluded.handle}
    )
)
_TYPE = insert(meeting_types).values(
    id=bindparam("id"),
    organizer_id=bindparam("organizer_id"),
    slug=bindparam("slug"),
    created_at=bindparam("created_at"),
)
_PUT_TYPE = prepared(
    _TYPE.on_conflict_do_update(index_elements=["id"], set_={"slug": _TYPE.excluded.slug})
)
_DROP_TYPE = prepared(delete(meeting_types).where(meeting_types.c.id == _id))
_ADD_LINK = prepared(
    insert(private_links).values(
        id=bindparam("id"),
        organizer_id=bindparam("organizer_id"),
        meeting_type_id=bindparam("meeting_type_id"),
        issued_at=bindparam("issued_at"),
    )
)
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

_FORGET_VERDICT = prepared(
    delete(verdicts)
    .where(verdicts.c.booking_id == _id)
    .where(verdicts.c.starts_at == bindparam("starts_at"))
)

_VERDICT = insert(verdicts).values(
    {
        name: bindparam(name)
        for name in ("booking_id", "starts_at", "accepted", "reasons", "checked_at")
    }
)
_KEEP_VERDICT = prepared(
    _VERDICT.on_conflict_do_update(
        index_elements=["booking_id", "starts_at"],
        set_={
            name: getattr(_VERDICT.excluded, name) for name in ("accepted", "reasons", "checked_at")
        },
    )
)

# Taken ahead of the organizer's lock; raises BW002 when another booking has any part of the time.
_CLAIM = sql("SELECT claim_slot(%(booking_id)s, %(organizer_id)s, %(starts_at)s, %(ends_at)s)")
_KEEP_CLAIM = sql("""
    INSERT INTO slot_claims (booking_id, organizer_id, during, held_until)
    VALUES (%(booking_id)s, %(organizer_id)s, tstzrange(%(starts_at)s, %(ends_at)s), %(held_until)s)
    ON CONFLICT (booking_id, during) DO UPDATE SET held_until = excluded.held_until
""")
_DROP_CLAIM = sql("""
    DELETE FROM slot_claims
    WHERE booking_id = %(booking_id)s AND during = tstzrange(%(starts_at)s, %(ends_at)s)
""")

_DROP_CLAIMS = prepared(delete(slot_claims).where(slot_claims.c.booking_id == _id))


def claim(booking_id: UUID, organizer_id: UUID, slot: Slot) -> Statement:
    """Claim the slot before the organizer's lock is taken, so that racers do not deadlock."""
    return Statement(
        _CLAIM,
        {
            "booking_id": booking_id,
            "organizer_id": organizer_id,
            "starts_at": slot.start,
            "ends_at": slot.end,
        },
    )


def drop_claims(booking_id: UUID) -> Statement:
    """End all that the booking claims."""
    return Statement(_DROP_CLAIMS, {"of": booking_id})


async def keep_verdict(
    connection: Connection, event: SlotAccepted | SlotRejected, *, accepted: bool
) -> None:
    """Keep availability's verdict for the confirmation to come."""
    await enqueue(
        connection,
        _KEEP_VERDICT,
        booking_id=event.booking_id,
        starts_at=event.start,
        accepted=accepted,
        reasons=Jsonb([reason.model_dump() for reason in event.reasons]),
        checked_at=event.checked_at,
    )


def project(recorded: Recorded[Any]) -> Iterable[Statement]:
    """Return what the event changes."""
    organizer_id = UUID(recorded.key)
    match recorded.event:
        case PageCreated(profile=profile) | PageChanged(profile=profile):
            yield Statement(_PUT_PAGE, {"organizer_id": organizer_id, "handle": profile.handle})
        case PageAddressRenewed(handle):
            yield Statement(_PUT_PAGE, {"organizer_id": organizer_id, "handle": handle})
        case MeetingTypeCreated() | MeetingTypeChanged() | MeetingTypeDeleted():
            yield from _meeting_type(recorded)
        case PrivateLinkIssued() | PrivateLinkChanged() | LinkExpired():
            yield from _private_link(recorded)
        case SlotReserved() | SlotReleased():
            yield from _hold(recorded)
        case BookingConfirmed() | BookingRescheduled() | BookingCancelled():
            yield from _booking(recorded)


def _meeting_type(recorded: Recorded[Any]) -> Iterable[Statement]:
    id_ = UUID(recorded.subject)
    match recorded.event:
        case MeetingTypeCreated(organizer_id, _, settings) | MeetingTypeChanged(
            organizer_id, _, settings
        ):
            yield Statement(
                _PUT_TYPE,
                {
                    "id": id_,
                    "organizer_id": organizer_id,
                    "slug": settings.slug,
                    "created_at": recorded.time,
                },
            )
        case MeetingTypeDeleted():
            yield Statement(_DROP_TYPE, {"of": id_})


def _private_link(recorded: Recorded[Any]) -> Iterable[Statement]:
    match recorded.event:
        case PrivateLinkIssued(organizer_id, meeting_type_id, limits):
            yield Statement(
                _ADD_LINK,
                {
                    "id": UUID(recorded.subject),
                    "organizer_id": organizer_id,
                    "meeting_type_id": meeting_type_id,
                    "issued_at": recorded.time,
                },
            )
            yield timers.schedule(LINK_TIMER, recorded.subject, limits.expires_at)
        case PrivateLinkChanged(limits=limits):
            yield timers.schedule(LINK_TIMER, recorded.subject, limits.expires_at)
        case LinkExpired():
            yield timers.cancel(LINK_TIMER, recorded.subject)


def _hold(recorded: Recorded[Any]) -> Iterable[Statement]:
    match recorded.event:
        case SlotReserved() as reserved:
            if reserved.purpose == "new":
                yield Statement(
                    _ADD_BOOKING,
                    {
                        "id": UUID(recorded.subject),
                        "organizer_id": reserved.organizer_id,
                        "meeting_type_id": reserved.meeting_type_id,
                        "link_id": reserved.link_id,
                        "starts_at": reserved.slot.start,
                        "ends_at": reserved.slot.end,
                        "created_at": recorded.time,
                    },
                )
            else:
                # The verdict on an earlier wish for the same time says nothing about this one.
                yield Statement(
                    _FORGET_VERDICT,
                    {"of": UUID(recorded.subject), "starts_at": reserved.slot.start},
                )
            yield _keep(recorded, reserved.slot, reserved.expires_at)
            yield timers.schedule(HOLD_TIMER, recorded.subject, reserved.expires_at)
        case SlotReleased(slot=slot, purpose=purpose):
            yield _drop(recorded, slot)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            if purpose == "new":
                yield Statement(_SET_STATUS, {"of": UUID(recorded.subject), "status": "released"})


def _booking(recorded: Recorded[Any]) -> Iterable[Statement]:
    id_ = UUID(recorded.subject)
    match recorded.event:
        case BookingConfirmed(slot=slot):
            yield _keep(recorded, slot, None)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            yield Statement(_SET_STATUS, {"of": id_, "status": "confirmed"})
        case BookingRescheduled(old=old, new=new):
            yield _drop(recorded, old)
            yield _keep(recorded, new, None)
            yield timers.cancel(HOLD_TIMER, recorded.subject)
            yield Statement(_MOVE_BOOKING, {"of": id_, "starts_at": new.start, "ends_at": new.end})
        case BookingCancelled(slot=slot):
            yield _drop(recorded, slot)
            yield Statement(_SET_STATUS, {"of": id_, "status": "cancelled"})


def _keep(recorded: Recorded[Any], slot: Slot, held_until: datetime | None) -> Statement:
    return Statement(_KEEP_CLAIM, {**_place(recorded, slot), "held_until": held_until})


def _drop(recorded: Recorded[Any], slot: Slot) -> Statement:
    return Statement(_DROP_CLAIM, _place(recorded, slot))


def _place(recorded: Recorded[Any], slot: Slot) -> dict[str, Any]:
    return {
        "booking_id": UUID(recorded.subject),
        "organizer_id": UUID(recorded.key),
        "starts_at": slot.start,
        "ends_at": slot.end,
    }
