"""What an attendee says about themselves: one row, and one record on the restricted topic."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import bindparam, null, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Uuid

from contracts.booking import Answer, AttendeeRecorded
from services.booking.domain.attendee import Attendee
from services.booking.domain.refusals import refuse_if_any
from services.booking.domain.text import paragraph_faults
from services.booking.queries import Place, attendees_of
from services.booking.tables import attendees
from services.chassis.messaging import outbox
from services.chassis.postgres.database import Connection, Statement, prepared

LONGEST_REASON = 1000

_ADD = prepared(
    insert(attendees).values(
        {
            name: bindparam(name)
            for name in (
                "id",
                "booking_id",
                "organizer_id",
                "name",
                "email",
                "time_zone",
                "locale",
                "answers",
            )
        }
    )
)
_SAY = prepared(
    update(attendees)
    .where(attendees.c.id == bindparam("of", type_=Uuid))
    .values(change_reason=bindparam("reason"), move_reason=null())
)
_ASK = prepared(
    update(attendees)
    .where(attendees.c.booking_id == bindparam("of", type_=Uuid))
    .values(move_reason=bindparam("reason"))
)


def recorded(
    attendee_id: UUID, place: Place, attendee: Attendee, *, time_zone: str, at: datetime
) -> list[Statement]:
    """Keep the attendee of the booking, and tell who may know; `time_zone` fills a missing one."""
    row = {
        "id": attendee_id,
        "booking_id": place.booking_id,
        "organizer_id": place.organizer_id,
        "name": attendee.name,
        "email": attendee.email,
        "time_zone": attendee.time_zone or time_zone,
        "locale": attendee.locale,
        "answers": Jsonb([{"question_id": q, "value": value} for q, value in attendee.answers]),
    }
    told = outbox.message(_record({**row, "answers": attendee.answers}, None), at=at)
    return [Statement(_ADD, row), told]


def asked_reason(booking_id: UUID, reason: str) -> list[Statement]:
    """Keep the words of whoever wishes to move the booking, until it is moved."""
    refuse_if_any(paragraph_faults("/reason", reason, LONGEST_REASON))
    return [Statement(_ASK, {"of": booking_id, "reason": reason or None})]


async def moved_reason(connection: Connection, place: Place, *, at: datetime) -> list[Statement]:
    """Make the words of the wish to move those of the change."""
    row = (await attendees_of(connection, [place.booking_id])).get(place.booking_id)
    return _changed(row, (row and row["move_reason"]) or "", at=at)


async def changed_reason(
    connection: Connection, place: Place, reason: str, *, at: datetime
) -> list[Statement]:
    """Keep the words of whoever changed the booking with the attendee, where they can be erased.

    A change without words takes those of the one before it away.
    """
    refuse_if_any(paragraph_faults("/reason", reason, LONGEST_REASON))
    row = (await attendees_of(connection, [place.booking_id])).get(place.booking_id)
    return _changed(row, reason, at=at)


def _changed(row: Mapping[str, Any] | None, reason: str, *, at: datetime) -> list[Statement]:
    if row is None or not (reason or row["change_reason"]):
        return []  # erased, and then nothing that is said is kept either; or nothing is said
    answers = tuple((answer["question_id"], answer["value"]) for answer in row["answers"])
    told = outbox.message(_record({**row, "answers": answers}, reason or None), at=at)
    return [Statement(_SAY, {"of": row["id"], "reason": reason or None}), told]


def _record(row: Mapping[str, Any], reason: str | None) -> AttendeeRecorded:
    return AttendeeRecorded(
        attendee_id=row["id"],
        booking_id=row["booking_id"],
        organizer_id=row["organizer_id"],
        name=row["name"],
        email=row["email"],
        time_zone=row["time_zone"],
        locale=row["locale"],
        answers=tuple(Answer(question_id=q, value=value) for q, value in row["answers"]),
        change_reason=reason,
    )
