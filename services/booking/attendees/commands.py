"""Changes of an attendee's record: a confirmation adds it, a move or cancellation its reason.

The record travels to `booking.attendees.v1`, the one topic with personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.booking import Answer, AttendeeErased, AttendeeRecorded, RecipientRecorded
from contracts.topics import BOOKING_ATTENDEES
from services.booking.attendees import records
from services.booking.attendees.records import AttendeeRecord
from services.booking.domain.refusals import refuse_if_any
from services.booking.domain.text import paragraph_faults
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Statement

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who is mailed and has no booking."""

    id: UUID
    organizer_id: UUID
    email: str
    time_zone: str
    locale: str


def record_attendee(record: AttendeeRecord, *, version: int, at: datetime) -> Sequence[Statement]:
    """Keep the attendee and publish their record, which comes with the confirmation."""
    return [records.add(record), _published(record, 0, version, at)]


def publish_again(
    record: AttendeeRecord | None, ics_sequence: int, *, version: int, at: datetime
) -> Sequence[Statement]:
    """Publish the record as it is with another event about the booking; an erased one is none."""
    return [] if record is None else [_published(record, ics_sequence, version, at)]


def store_details(
    record: AttendeeRecord, ics_sequence: int, *, version: int, at: datetime
) -> Sequence[Statement]:
    """Store the name and answers as they are now, and publish the record."""
    return [records.set_details(record), _published(record, ics_sequence, version, at)]


def keep_move_reason(booking_id: UUID, reason: str, *, at: datetime) -> Sequence[Statement]:
    """Store the reason of a requested move; raise Invalid for a faulty one."""
    _refuse_if_faulty(reason)
    return [records.set_move_reason(booking_id, reason or None, at)]


def with_move_reason(record: AttendeeRecord | None) -> AttendeeRecord | None:
    """Return the record with the reason of the requested move as the reason of the change."""
    return record and replace(record, change_reason=record.move_reason, move_reason=None)


def with_change_reason(record: AttendeeRecord | None, reason: str) -> AttendeeRecord | None:
    """Return the record with the reason of a change; raise Invalid for a faulty one.

    A change without a reason removes the reason of the change before it.
    """
    _refuse_if_faulty(reason)
    return record and replace(record, change_reason=reason or None, move_reason=None)


def keep_change_reason(
    changed: AttendeeRecord | None, ics_sequence: int, *, version: int, at: datetime
) -> Sequence[Statement]:
    """Store the reason of the change to this version with the attendee, where it can be erased.

    The record is published with each change, also without a reason: who waits for one sees that.
    """
    if changed is None:
        return []  # no reason is stored for an erased attendee
    return [
        records.set_change_reason(changed.id, changed.change_reason, at),
        _published(changed, ics_sequence, version, at),
    ]


def publish_recipient(recipient: Recipient, at: datetime) -> Statement:
    """Publish where somebody without a booking is mailed."""
    event = RecipientRecorded(
        attendee_id=recipient.id,
        organizer_id=recipient.organizer_id,
        email=recipient.email,
        time_zone=recipient.time_zone,
        locale=recipient.locale,
    )
    return outbox.message(event, at=at)


def forget_person(id_: UUID, at: datetime) -> Sequence[Statement]:
    """Delete what waits to be published about a person, and have subscribers drop their copies."""
    tombstone = outbox.message(AttendeeErased(attendee_id=id_), at=at, tombstone=True)
    return [*records.forget_unsent(id_, BOOKING_ATTENDEES), tombstone]


def _refuse_if_faulty(reason: str) -> None:
    refuse_if_any(paragraph_faults("/reason", reason, LONGEST_REASON))


def _published(record: AttendeeRecord, ics_sequence: int, version: int, at: datetime) -> Statement:
    event = AttendeeRecorded(
        attendee_id=record.id,
        booking_id=record.booking_id,
        organizer_id=record.organizer_id,
        name=record.name,
        email=record.email,
        time_zone=record.time_zone,
        locale=record.locale,
        answers=tuple(
            Answer(question_id=each.question_id, label=each.label, value=each.value)
            for each in record.answers
        ),
        change_reason=record.change_reason,
        ics_sequence=ics_sequence,
        version=version,
    )
    return records.publish_kept(outbox.message(event, at=at), record.id)
