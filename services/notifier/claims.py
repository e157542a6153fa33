"""Claims: letters taken under a lease, many at a time, and settled once by the newest holder."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.calendar_entry.details import Answer
from services.chassis.postgres.database import Connection, Row, fetch, sql
from services.notifier.domain.attempts import RECORD_PATIENCE
from services.notifier.domain.delivery import Delivery, Newest
from services.notifier.domain.parties import Attendee, Organizer

# What decides at the moment of sending; columns by name, for a newer schema may have more.
_STATE = """
    coalesce(m.ics_sequence, 0) AS newest, coalesce(m.cancelled, false) AS cancelled,
    coalesce(m.version, 0) AS newest_version,
    EXISTS (SELECT FROM erasures x WHERE x.attendee_id = d.attendee_id) AS erased,
    a.name, a.email, a.time_zone, a.locale, a.answers, a.change_reason, a.said_in,
    a.ics_sequence AS recorded_with, a.version AS recorded_version,
    o.locale AS organizer_locale, o.time_zone_locked, o.email AS organizer_email,
    o.time_zone AS organizer_time_zone
"""
_PARTIES = """
    LEFT JOIN meetings m ON m.booking_id = d.booking_id
    LEFT JOIN attendees a ON a.attendee_id = d.attendee_id
    LEFT JOIN organizers o ON o.organizer_id = d.organizer_id
"""
# The deliveries that have been due for longest. An earlier letter about the booking to the same
# recipient is sent first; a first attempt waits for the attendee's data, and for the record that
# the event names, since a later record may have come first and an erased one never comes.
_CLAIM = sql(f"""
    WITH due AS (
        SELECT d.id FROM deliveries d
        WHERE d.state IN ('waiting', 'sending', 'retrying')
            AND d.next_attempt_at <= statement_timestamp()
            AND (d.state <> 'waiting' OR d.give_up_at <= statement_timestamp()
                OR EXISTS (SELECT FROM erasures x WHERE x.attendee_id = d.attendee_id)
                OR EXISTS (
                    SELECT FROM attendees a WHERE a.attendee_id = d.attendee_id
                        AND (NOT d.awaits_record OR a.ics_sequence >= d.ics_sequence
                                AND coalesce(a.version, 0) >= d.version
                            OR d.created_at <= statement_timestamp() - %(patience)s)))
            AND NOT EXISTS (
                SELECT FROM deliveries e
                WHERE e.booking_id = d.booking_id AND e.recipient = d.recipient
                    AND (e.ics_sequence, e.version) < (d.ics_sequence, d.version)
                    AND e.state IN ('waiting', 'sending', 'retrying'))
        ORDER BY d.next_attempt_at
        LIMIT %(limit)s
        FOR UPDATE OF d SKIP LOCKED),
    claimed AS (
        UPDATE deliveries d SET state = 'sending', attempts = d.attempts + 1,
            next_attempt_at = clock_timestamp() + %(lease)s
        FROM due WHERE d.id = due.id
        RETURNING d.id, d.booking_id, d.ics_sequence, d.version, d.recipient, d.kind,
            d.occasion, d.organizer_id,
            d.attendee_id, d.event, d.attempts, d.last_error, d.give_up_at, d.created_at,
            d.correlation_id, d.causation_id)
    SELECT d.id, d.booking_id, d.ics_sequence, d.version, d.recipient, d.kind, d.occasion,
        d.organizer_id, d.event,
        d.attempts, d.last_error, d.give_up_at, d.created_at, d.correlation_id, d.causation_id,
        clock_timestamp() AS now, {_STATE}
    FROM claimed d {_PARTIES}
    ORDER BY d.created_at, d.id
""")  # noqa: S608 -- constants
_STATES = sql(f"""
    SELECT d.id, d.correlation_id, d.ics_sequence, d.version, {_STATE}
    FROM deliveries d {_PARTIES} WHERE d.id = ANY(%(ids)s)
""")  # noqa: S608 -- constants
# Outcomes of claims that are still held, with what subscribers hear: all in one statement. The
# order of the keys keeps two senders from waiting for each other.
_SETTLE = sql("""
    WITH outcome AS (
        SELECT id, attempt, state, due, cause, code, message_id, sent_at,
            topic, key, headers, value
        FROM unnest(%(ids)s::uuid[], %(attempts)s::int[], %(states)s::text[],
            %(dues)s::timestamptz[], %(causes)s::text[], %(codes)s::int[],
            %(message_ids)s::text[], %(sent_ats)s::timestamptz[],
            %(topics)s::text[], %(keys)s::text[], %(headers)s::text[], %(values)s::text[])
        AS given (id, attempt, state, due, cause, code, message_id, sent_at,
            topic, key, headers, value)),
    settled AS (
        UPDATE deliveries d SET state = o.state, next_attempt_at = o.due, last_error = o.cause,
            smtp_code = o.code, message_id = o.message_id, sent_at = o.sent_at
        FROM outcome o
        WHERE d.id = o.id AND d.attempts = o.attempt AND d.state = 'sending'
        RETURNING d.id),
    told AS (
        SELECT o.id, o.topic, o.key, o.headers, o.value
        FROM settled s JOIN outcome o ON o.id = s.id ORDER BY o.key, o.id OFFSET 0)
    SELECT t.id, CASE WHEN t.topic IS NOT NULL
            THEN stage_message(t.topic, t.key, t.headers, t.value)::text END AS staged,
        EXISTS (
            SELECT FROM deliveries d JOIN deliveries e ON e.booking_id = d.booking_id
                AND e.recipient = d.recipient
                AND (e.ics_sequence, e.version) > (d.ics_sequence, d.version)
            WHERE d.id = t.id AND e.state IN ('waiting', 'retrying')) AS has_next
    FROM told t
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryState:
    """What decides at the moment of sending: the booking's newest version, and its parties.

    An attendee is None who is not known yet, or is erased.
    """

    newest: Newest
    attendee: Attendee | None
    is_erased: bool
    organizer: Organizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that this process may send, until the lease is over."""

    id: UUID
    delivery: Delivery
    organizer_id: UUID
    event: Mapping[str, object]
    attempt: int
    last_error: str | None
    give_up_at: datetime
    created_at: datetime
    claimed_at: datetime
    correlation_id: str
    causation_id: str
    state: DeliveryState
    _claimed: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the database's time: that of the claim, and what has passed since."""
        return self.claimed_at + timedelta(seconds=time.monotonic() - self._claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is written of an attempt; `staged` is the message about it, if there is one."""

    claim: Claim
    state: str
    due: datetime
    cause: str | None
    code: int | None
    message_id: str
    sent_at: datetime | None
    staged: Mapping[str, str | None] | None


async def claim(connection: Connection, lease: timedelta, limit: int = 1) -> list[Claim]:
    """Claim the deliveries that may be sent, at most so many."""
    rows = await fetch(connection, _CLAIM, lease=lease, limit=limit, patience=RECORD_PATIENCE)
    return [
        Claim(
            id=row["id"],
            delivery=Delivery(
                row["booking_id"],
                row["ics_sequence"],
                row["recipient"],
                row["kind"],
                row["occasion"],
            ),
            organizer_id=row["organizer_id"],
            event=row["event"],
            attempt=row["attempts"],
            last_error=row["last_error"],
            give_up_at=row["give_up_at"],
            created_at=row["created_at"],
            claimed_at=row["now"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
            state=_state(row),
        )
        for row in rows
    ]


async def states(connection: Connection, claims: Sequence[Claim]) -> dict[UUID, DeliveryState]:
    """Return the bookings' newest versions and who their parties are by now, by claim."""
    rows = await fetch(connection, _STATES, ids=[each.id for each in claims])
    return {row["id"]: _state(row) for row in rows}


async def settle(connection: Connection, settlements: Sequence[Settlement]) -> dict[UUID, bool]:
    """Write the outcomes and stage what subscribers hear.

    Return the claims that were still held, and whether a later letter stands behind each. Of a
    delivery that another process has claimed since, nothing is written.
    """
    nothing: Mapping[str, str | None] = {}
    staged = [each.staged or nothing for each in settlements]
    rows = await fetch(
        connection,
        _SETTLE,
        ids=[each.claim.id for each in settlements],
        attempts=[each.claim.attempt for each in settlements],
        states=[each.state for each in settlements],
        dues=[each.due for each in settlements],
        causes=[each.cause for each in settlements],
        codes=[each.code for each in settlements],
        message_ids=[each.message_id for each in settlements],
        sent_ats=[each.sent_at for each in settlements],
        topics=[each.get("topic") for each in staged],
        keys=[each.get("key") for each in staged],
        headers=[each.get("headers") for each in staged],
        values=[each.get("value") for each in staged],
    )
    return {row["id"]: row["has_next"] for row in rows}


def _state(row: Row) -> DeliveryState:
    return DeliveryState(
        newest=Newest(
            ics_sequence=row["newest"], cancelled=row["cancelled"], version=row["newest_version"]
        ),
        attendee=_attendee(row),
        is_erased=row["erased"],
        organizer=_organizer(row),
    )


def _organizer(row: Row) -> Organizer:
    if not row["organizer_locale"]:
        return Organizer()
    return Organizer(
        locale=row["organizer_locale"],
        time_zone_locked=row["time_zone_locked"],
        email=row["organizer_email"],
        time_zone=row["organizer_time_zone"],
    )


def _attendee(row: Row) -> Attendee | None:
    if row["email"] is None:
        return None
    # The reason that was given for another change does not belong to this one. Records of earlier
    # versions of booking do not say for which; they came with the change's correlation id.
    if row["recorded_with"] is None:
        given_now = row["said_in"] == row["correlation_id"]
    elif row["version"] and row["recorded_version"] is not None:
        given_now = row["recorded_version"] == row["version"]
    else:
        given_now = row["recorded_with"] == row["ics_sequence"]
    return Attendee(
        name=row["name"],
        email=row["email"],
        time_zone=row["time_zone"],
        locale=row["locale"],
        change_reason=row["change_reason"] if given_now else None,
        answers=tuple(
            Answer(each["question_id"], each["value"], each.get("label")) for each in row["answers"]
        ),
    )
