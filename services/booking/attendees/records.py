"""The personal data of an attendee: one row, which can be erased."""

from dataclasses import asdict, dataclass
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Column, Index, Table, Text, Uuid, bindparam, func, null, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.booking.domain.answers import Answer
from services.booking.domain.attendee import Attendee
from services.booking.metadata import metadata
from services.chassis.postgres.database import Row, Statement, prepared

# Deleting the row erases the person from booking.
attendees = Table(
    "attendees",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("booking_id", Uuid, nullable=False, unique=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("change_reason", Text),
    # Given with the newest request to move; becomes the change's reason when the move is made.
    Column("move_reason", Text),
)
# What the limit for each attendee counts.
Index("attendees_of_address", attendees.c.organizer_id, func.lower(attendees.c.email))

_COLUMNS = (
    "id",
    "booking_id",
    "organizer_id",
    "name",
    "email",
    "time_zone",
    "locale",
    "answers",
)
_ADD = prepared(insert(attendees).values({name: bindparam(name) for name in _COLUMNS}))
_SET_CHANGE_REASON = prepared(
    update(attendees)
    .where(attendees.c.id == bindparam("of", type_=Uuid))
    .values(change_reason=bindparam("reason"), move_reason=null())
)
_SET_DETAILS = prepared(
    update(attendees)
    .where(attendees.c.id == bindparam("of", type_=Uuid))
    .values(name=bindparam("name"), answers=bindparam("answers"))
)
_SET_MOVE_REASON = prepared(
    update(attendees)
    .where(attendees.c.booking_id == bindparam("of", type_=Uuid))
    .values(move_reason=bindparam("reason"))
)
# The attendee's columns in a query that joins their table as `a`.
COLUMNS_JOINED = ", ".join(f"a.{column.name} AS attendee_{column.name}" for column in attendees.c)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendeeRecord:
    """An attendee of one booking, as they described themselves."""

    id: UUID
    booking_id: UUID
    organizer_id: UUID
    name: str
    email: str
    time_zone: str
    locale: str
    answers: tuple[Answer, ...]
    change_reason: str | None = None
    move_reason: str | None = None

    @property
    def attendee(self) -> Attendee:
        """Return who booked, as they described themselves."""
        return Attendee(
            name=self.name,
            email=self.email,
            time_zone=self.time_zone,
            locale=self.locale,
            answers=self.answers,
        )


def add(record: AttendeeRecord) -> Statement:
    """Keep the attendee."""
    values = {name: getattr(record, name) for name in _COLUMNS}
    return Statement(_ADD, {**values, "answers": _answers(record)})


def set_details(record: AttendeeRecord) -> Statement:
    """Store the attendee's name and answers as they are now."""
    values = {"of": record.id, "name": record.name, "answers": _answers(record)}
    return Statement(_SET_DETAILS, values)


def _answers(record: AttendeeRecord) -> Jsonb:
    return Jsonb([asdict(each) for each in record.answers])


def set_change_reason(attendee_id: UUID, reason: str | None) -> Statement:
    """Store the reason of a change; the reason of a requested move is removed."""
    return Statement(_SET_CHANGE_REASON, {"of": attendee_id, "reason": reason})


def set_move_reason(booking_id: UUID, reason: str | None) -> Statement:
    """Store the reason of a requested move until the move is made."""
    return Statement(_SET_MOVE_REASON, {"of": booking_id, "reason": reason})


def joined_attendee(row: Row) -> AttendeeRecord | None:
    """Return the attendee in a row; None before there is one, and once they were erased."""
    if row["attendee_id"] is None:
        return None
    values = {column.name: row[f"attendee_{column.name}"] for column in attendees.c}
    answers = tuple(Answer(**answer) for answer in values["answers"])
    return AttendeeRecord(**{**values, "answers": answers})
