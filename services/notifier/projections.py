"""What booking's events change: the deliveries to send, and the data that their letters need."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from contracts.booking import (
    AttendeeRecorded,
    BookingConfirmed,
    DataRequested,
    PageChanged,
    PageCreated,
    PageEmailRequested,
    RecipientRecorded,
)
from services.chassis.ids import new_id
from services.chassis.postgres.database import Connection, enqueue, prepared, sql
from services.chassis.runtime.cause import current_cause
from services.chassis.web.zones import zone_of
from services.notifier.domain.attempts import GIVE_UP_AFTER
from services.notifier.domain.delivery import Kind, occasion_of
from services.notifier.letters import BookingEvent, recipients_of
from services.notifier.tables import organizers


def _put(table: Any, key: str, names: tuple[str, ...]) -> Any:
    row = insert(table).values({name: bindparam(name) for name in (key, *names)})
    return row, {name: getattr(row.excluded, name) for name in names}


# Never one who is erased: the record may come after the news of it, which is on another topic.
_PUT_ATTENDEE = sql("""
    INSERT INTO attendees AS a (attendee_id, booking_id, name, email, time_zone, locale, answers,
        change_reason, said_in, ics_sequence, version)
    SELECT %(attendee_id)s, %(booking_id)s, %(name)s, %(email)s, %(time_zone)s, %(locale)s,
        %(answers)s, %(change_reason)s, %(said_in)s, %(ics_sequence)s,
        %(version)s
    WHERE NOT EXISTS (SELECT FROM erasures WHERE attendee_id = %(attendee_id)s)
    ON CONFLICT (attendee_id) DO UPDATE SET
        booking_id = excluded.booking_id, name = excluded.name, email = excluded.email,
        time_zone = excluded.time_zone, locale = excluded.locale, answers = excluded.answers,
        change_reason = excluded.change_reason, said_in = excluded.said_in,
        ics_sequence = excluded.ics_sequence, version = excluded.version
""")
_ORGANIZER, _profile = _put(
    organizers, "organizer_id", ("locale", "time_zone_locked", "email", "time_zone")
)
_PUT_ORGANIZER = prepared(
    _ORGANIZER.on_conflict_do_update(index_elements=["organizer_id"], set_=_profile)
)
# The booking's newest version, and a delivery to each party; nothing of it twice.
_ENQUEUE = """
    WITH meeting AS (
        INSERT INTO meetings AS m (booking_id, ics_sequence, cancelled, version)
        VALUES (%(booking_id)s, %(ics_sequence)s, %(cancelled)s, %(overtaking)s)
        ON CONFLICT (booking_id) DO UPDATE SET
            ics_sequence = greatest(m.ics_sequence, excluded.ics_sequence),
            cancelled = m.cancelled OR excluded.cancelled,
            version = greatest(m.version, excluded.version))
    INSERT INTO deliveries (id, booking_id, organizer_id, attendee_id, ics_sequence, recipient,
        kind, occasion, version, event, correlation_id, causation_id, awaits_record,
        state, attempts, next_attempt_at, give_up_at, created_at)
    SELECT d.id, %(booking_id)s, %(organizer_id)s, %(attendee_id)s, %(ics_sequence)s, d.recipient,
        %(kind)s, %(occasion)s, %(version)s, %(event)s, %(correlation_id)s, %(causation_id)s,
        %(awaits_record)s,
        'waiting', 0, n.now, n.now + %(patience)s, n.now
    FROM unnest(%(ids)s::uuid[], %(recipients)s::text[]) AS d (id, recipient),
        (SELECT clock_timestamp() AS now) AS n
    ON CONFLICT (booking_id, ics_sequence, recipient, kind, occasion) DO NOTHING
"""
_ENQUEUE_FIRST = sql(_ENQUEUE)
# A letter that waits for its next attempt becomes due: it may be overtaken now.
_ENQUEUE_LATER = sql(
    _ENQUEUE.replace(
        "    INSERT INTO deliveries",
        """    , retried AS (
        UPDATE deliveries SET next_attempt_at = clock_timestamp()
        WHERE booking_id = %(booking_id)s AND state = 'retrying')
    INSERT INTO deliveries""",
    )
)
# A mailed link: one letter a request, which is about no booking. Nobody is mailed who is not known
# here yet or not any more: the letter waits for the recipient, or fails.
_ENQUEUE_LINK_LETTER = sql("""
    INSERT INTO deliveries (id, booking_id, organizer_id, attendee_id, ics_sequence, recipient,
        kind, event, correlation_id, causation_id,
        state, attempts, next_attempt_at, give_up_at, created_at)
    SELECT %(id)s, %(request_id)s, %(organizer_id)s, %(attendee_id)s, 0, 'attendee',
        %(kind)s, %(event)s, %(correlation_id)s, %(causation_id)s,
        'waiting', 0, n.now, %(expires_at)s, n.now
    FROM (SELECT clock_timestamp() AS now) AS n
    ON CONFLICT (booking_id, ics_sequence, recipient, kind, occasion) DO NOTHING
""")


async def enqueue_deliveries(connection: Connection, event: BookingEvent, kind: Kind) -> None:
    """Keep the booking's new version, and enqueue a delivery to each party that is told.

    A change whose event names an attendee's record waits for it: the reason is in there.

    Raises:
        UnknownZone: the organizer's zone is none here, so the letters would have no times.
    """
    zone_of(event.organizer.time_zone)
    cause = current_cause()
    # Before it there is no letter about the booking that may wait for its next attempt.
    first = isinstance(event, BookingConfirmed) and not event.approved_by
    recipients = recipients_of(event)
    await enqueue(
        connection,
        _ENQUEUE_FIRST if first else _ENQUEUE_LATER,
        booking_id=event.booking_id,
        ics_sequence=event.ics_sequence,
        cancelled=kind == "cancellation",
        # Other details make no letter needless.
        overtaking=0 if kind == "details" else event.version,
        organizer_id=event.organizer_id,
        attendee_id=event.attendee_id,
        kind=kind,
        occasion=occasion_of(kind, event.version),
        version=event.version,
        event=Jsonb(event.model_dump(mode="json")),
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        awaits_record=event.attendee_recorded,
        patience=GIVE_UP_AFTER,
        ids=[new_id() for _ in recipients],
        recipients=list(recipients),
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
                "ics_sequence",
                "version",
            }
        ),
        answers=Jsonb([answer.model_dump() for answer in event.answers]),
        said_in=current_cause().correlation_id,
    )


async def put_recipient(connection: Connection, event: RecipientRecorded) -> None:
    """Keep where somebody without a booking is mailed: the record is about nothing but them.

    Raises:
        UnknownZone: the zone is none here.
    """
    zone_of(event.time_zone)
    await enqueue(
        connection,
        _PUT_ATTENDEE,
        attendee_id=event.attendee_id,
        booking_id=event.attendee_id,
        name="",
        email=event.email,
        time_zone=event.time_zone,
        locale=event.locale,
        answers=Jsonb([]),
        change_reason=None,
        said_in=current_cause().correlation_id,
        ics_sequence=None,
        version=None,
    )


async def enqueue_data_letter(connection: Connection, event: DataRequested) -> None:
    """Enqueue the letter with the link to what is held about the attendee."""
    await _enqueue_link_letter(connection, event, "your_data", event.attendee_id)


async def enqueue_proof_letter(connection: Connection, event: PageEmailRequested) -> None:
    """Enqueue the letter with the link that proves its recipient's address."""
    await _enqueue_link_letter(connection, event, "prove_address", event.request_id)


async def _enqueue_link_letter(
    connection: Connection, event: DataRequested | PageEmailRequested, kind: Kind, to: UUID
) -> None:
    cause = current_cause()
    await enqueue(
        connection,
        _ENQUEUE_LINK_LETTER,
        id=new_id(),
        kind=kind,
        request_id=event.request_id,
        organizer_id=event.organizer_id,
        attendee_id=to,
        event=Jsonb(event.model_dump(mode="json")),
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        expires_at=event.expires_at,
    )


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
