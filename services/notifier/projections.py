"""What booking's events change: the deliveries to send, and the data that their letters need."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Interval, Uuid

from contracts.booking import (
    AttendeeRecorded,
    PageChanged,
    PageCreated,
)
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection, enqueue, prepared
from services.chassis.runtime.cause import current_cause
from services.chassis.web.zones import zone_of
from services.notifier.domain.attempts import GIVE_UP_AFTER
from services.notifier.domain.delivery import Kind, deliveries_of
from services.notifier.letters import BookingEvent
from services.notifier.tables import attendees, deliveries, meetings, organizers

# A change's reason comes on another topic, in the attendee's record: give it time to arrive.
REASON_GRACE = timedelta(seconds=1)

_now = func.clock_timestamp()
_of = bindparam("of", type_=Uuid)


def _put(table: Any, key: str, names: tuple[str, ...]) -> Any:
    row = insert(table).values({name: bindparam(name) for name in (key, *names)})
    return row, {name: getattr(row.excluded, name) for name in names}


_ATTENDEE, _told = _put(
    attendees,
    "attendee_id",
    ("booking_id", "name", "email", "time_zone", "locale", "change_reason", "said_in"),
)
_PUT_ATTENDEE = prepared(
    _ATTENDEE.on_conflict_do_update(index_elements=["attendee_id"], set_=_told)
)
_DROP_ATTENDEE = prepared(delete(attendees).where(attendees.c.attendee_id == _of))
_ORGANIZER, _profile = _put(
    organizers, "organizer_id", ("locale", "time_zone_locked", "email", "time_zone")
)
_PUT_ORGANIZER = prepared(
    _ORGANIZER.on_conflict_do_update(index_elements=["organizer_id"], set_=_profile)
)
_MEETING, _newer = _put(meetings, "booking_id", ("ics_sequence", "cancelled"))
_PUT_MEETING = prepared(
    _MEETING.on_conflict_do_update(
        index_elements=["booking_id"],
        set_={
            "ics_sequence": func.greatest(meetings.c.ics_sequence, _newer["ics_sequence"]),
            "cancelled": or_(meetings.c.cancelled, _newer["cancelled"]),
        },
    )
)
_ENQUEUE = prepared(
    insert(deliveries)
    .values(
        {
            **{
                name: bindparam(name)
                for name in (
                    "id",
                    "booking_id",
                    "organizer_id",
                    "attendee_id",
                    "ics_sequence",
                    "recipient",
                    "kind",
                    "event",
                    "correlation_id",
                    "causation_id",
                )
            },
            "state": "waiting",
            "attempts": 0,
            "next_attempt_at": _now + bindparam("grace", type_=Interval),
            "give_up_at": _now + bindparam("patience", type_=Interval),
            "created_at": _now,
        }
    )
    .on_conflict_do_nothing(constraint="deliveries_key")
)
# A letter that waits for its next attempt becomes due: it may be overtaken now.
_RETRY_OF_BOOKING = prepared(
    update(deliveries)
    .where(deliveries.c.booking_id == _of, deliveries.c.state == "retrying")
    .values(next_attempt_at=_now)
)
# What waits for an erased attendee becomes due, and fails for want of an address.
_RETRY_OF_ATTENDEE = prepared(
    update(deliveries)
    .where(deliveries.c.attendee_id == _of)
    .where(or_(deliveries.c.state == "waiting", deliveries.c.state == "retrying"))
    .values(state="retrying", next_attempt_at=_now)
)


async def enqueue_deliveries(connection: Connection, event: BookingEvent, kind: Kind) -> None:
    """Keep the booking's new version, and enqueue a delivery to each party.

    Raises:
        UnknownZone: the organizer's zone is none here, so the letters would have no times.
    """
    zone_of(event.organizer.time_zone)
    await enqueue(
        connection,
        _PUT_MEETING,
        booking_id=event.booking_id,
        ics_sequence=event.ics_sequence,
        cancelled=kind == "cancellation",
    )
    await enqueue(connection, _RETRY_OF_BOOKING, of=event.booking_id)
    cause = current_cause()
    for delivery in deliveries_of(event.booking_id, event.ics_sequence, kind):
        await enqueue(
            connection,
            _ENQUEUE,
            id=new_id(),
            booking_id=delivery.booking_id,
            organizer_id=event.organizer_id,
            attendee_id=event.attendee_id,
            ics_sequence=delivery.ics_sequence,
            recipient=delivery.recipient,
            kind=delivery.kind,
            event=Jsonb(event.model_dump(mode="json")),
            correlation_id=cause.correlation_id,
            causation_id=cause.causation_id,
            grace=timedelta() if kind == "confirmation" else REASON_GRACE,
            patience=GIVE_UP_AFTER,
        )


async def put_attendee(connection: Connection, event: AttendeeRecorded) -> None:
    """Keep the attendee's data; the letters that waited for it can be sent.

    Raises:
        UnknownZone: the attendee's zone is none here.
    """
    zone_of(event.time_zone)
    await enqueue(
        connection,
        _PUT_ATTENDEE,
        **event.model_dump(
            include={
                "attendee_id",
                "booking_id",
                "name",
                "email",
                "time_zone",
                "locale",
                "change_reason",
            }
        ),
        said_in=current_cause().correlation_id,
    )


async def drop_attendee(connection: Connection, attendee_id: UUID) -> None:
    """Delete the attendee's data; letters that are not sent yet never are."""
    await enqueue(connection, _DROP_ATTENDEE, of=attendee_id)
    await enqueue(connection, _RETRY_OF_ATTENDEE, of=attendee_id)


async def put_organizer(connection: Connection, event: PageCreated | PageChanged) -> None:
    """Keep the organizer's address, language and zone, and whether all see that zone.

    Raises:
        UnknownZone: the organizer's zone is none here.
    """
    zone_of(event.time_zone)
    await enqueue(
        connection,
        _PUT_ORGANIZER,
        organizer_id=event.organizer_id,
        locale=event.locale,
        time_zone_locked=event.time_zone_locked,
        email=event.email,
        time_zone=event.time_zone,
    )
