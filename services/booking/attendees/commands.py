"""Changes of an attendee's record: a confirmation adds it, a move or cancellation its reason.

The record travels to `booking.attendees.v1`, the one topic with personal data.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.booking import Answer, AttendeeRecorded
from services.booking.attendees import records
from services.booking.attendees.records import AttendeeRecord, attendee_of
from services.booking.domain.refusals import refuse_if_any
from services.booking.domain.text import paragraph_faults
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, Statement

LONGEST_REASON = 1000


def record_attendee(record: AttendeeRecord, *, at: datetime) -> Sequence[Statement]:
    """Keep the attendee and publish their record, which comes with the confirmation."""
    return [records.add(record), _published(record, 0, at)]


def keep_move_reason(booking_id: UUID, reason: str) -> Sequence[Statement]:
    """Store the reason of a requested move; raise Invalid for a faulty one."""
    _refuse_if_faulty(reason)
    return [records.set_move_reason(booking_id, reason or None)]


async def take_move_reason(
    connection: Connection, booking_id: UUID, ics_sequence: int, *, at: datetime
) -> Sequence[Statement]:
    """Make the reason of the requested move the reason of the change to this version."""
    record = await attendee_of(connection, booking_id)
    return _changed(record, (record and record.move_reason) or "", ics_sequence, at=at)


async def keep_change_reason(
    connection: Connection, booking_id: UUID, reason: str, ics_sequence: int, *, at: datetime
) -> Sequence[Statement]:
    """Store the reason of the change to this version with the attendee, where it can be erased.

    A change without a reason removes the reason of the change before it.
    """
    _refuse_if_faulty(reason)
    return _changed(await attendee_of(connection, booking_id), reason, ics_sequence, at=at)


def _refuse_if_faulty(reason: str) -> None:
    refuse_if_any(paragraph_faults("/reason", reason, LONGEST_REASON))


def _changed(
    record: AttendeeRecord | None, reason: str, ics_sequence: int, *, at: datetime
) -> Sequence[Statement]:
    """Publish the record with each change, also without a reason: who waits for one sees that."""
    if record is None:
        return []  # no reason is stored for an erased attendee
    changed = replace(record, change_reason=reason or None)
    return [
        records.set_change_reason(record.id, reason or None),
        _published(changed, ics_sequence, at),
    ]


def _published(record: AttendeeRecord, ics_sequence: int, at: datetime) -> Statement:
    event = AttendeeRecorded(
        attendee_id=record.id,
        booking_id=record.booking_id,
        organizer_id=record.organizer_id,
        name=record.name,
        email=record.email,
        time_zone=record.time_zone,
        locale=record.locale,
        answers=tuple(
            Answer(question_id=each.question_id, value=each.value) for each in record.answers
        ),
        change_reason=record.change_reason,
        ics_sequence=ics_sequence,
    )
    return outbox.message(event, at=at)
