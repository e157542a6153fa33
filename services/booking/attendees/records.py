"""The personal data of an attendee: one row and the words about it, which can be erased."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Column, Index, Table, Text, Uuid, bindparam, func, null, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.booking.domain.answers import Answer
from services.booking.domain.attendee import Attendee
from services.booking.metadata import metadata
from services.chassis.postgres.database import Connection, Row, Statement, fetch, prepared, sql

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
    # What each change was said to be for, by the instant of its event: [{at, reason}].
    Column("reasons", JSONB, nullable=False, server_default="[]"),
)
Index("attendees_address", func.lower(attendees.c.email))
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
_with_said = attendees.c.reasons.op("||")(bindparam("said", type_=JSONB))
_SET_CHANGE_REASON = prepared(
    update(attendees)
    .where(attendees.c.id == bindparam("of", type_=Uuid))
    .values(change_reason=bindparam("reason"), move_reason=null(), reasons=_with_said)
)
_SET_DETAILS = prepared(
    update(attendees)
    .where(attendees.c.id == bindparam("of", type_=Uuid))
    .values(name=bindparam("name"), answers=bindparam("answers"))
)
_SET_MOVE_REASON = prepared(
    update(attendees)
    .where(attendees.c.booking_id == bindparam("of", type_=Uuid))
    .values(move_reason=bindparam("reason"), reasons=_with_said)
)
# Only what is kept is published: whoever has loaded the attendee before they were erased must not
# bring them back. The organizer's lock, which both take, orders the two.
_PUBLISH = sql("""
    SELECT stage_message(%(topic)s, %(key)s, %(headers)s, %(value)s)
    FROM attendees WHERE id = %(of)s
""")
_ERASE = sql("DELETE FROM attendees WHERE id = %(of)s")
# What the relay has in its hands is before the tombstone, and is not waited for.
_FORGET_UNSENT = sql("""
    DELETE FROM outbox WHERE position IN (
        SELECT position FROM outbox WHERE topic = %(topic)s AND key = convert_to(%(key)s, 'UTF8')
        FOR UPDATE SKIP LOCKED)
""")
_FORGET_REFUSED = sql("""
    DELETE FROM outbox_refused WHERE topic = %(topic)s AND key = convert_to(%(key)s, 'UTF8')
""")
# The attendee's columns in a query that joins their table as `a`.
COLUMNS_JOINED = ", ".join(f"a.{column.name} AS attendee_{column.name}" for column in attendees.c)


@dataclass(frozen=True, slots=True)
class SaidReason:
    """The words of whoever made a change, by the instant of its event."""

    at: datetime
    reason: str


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
    reasons: tuple["SaidReason", ...] = ()

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


def set_change_reason(attendee_id: UUID, reason: str | None, at: datetime) -> Statement:
    """Store the reason of a change; the reason of a requested move is removed."""
    values = {"of": attendee_id, "reason": reason, "said": _said(reason, at)}
    return Statement(_SET_CHANGE_REASON, values)


def set_move_reason(booking_id: UUID, reason: str | None, at: datetime) -> Statement:
    """Store the reason of a requested move until the move is made."""
    values = {"of": booking_id, "reason": reason, "said": _said(reason, at)}
    return Statement(_SET_MOVE_REASON, values)


def publish_kept(message: Statement, attendee_id: UUID) -> Statement:
    """Return the message, staged only if the attendee has not been erased meanwhile."""
    return Statement(_PUBLISH, {**message.values, "of": attendee_id})


def erase(attendee_id: UUID) -> Statement:
    """Delete the attendee."""
    return Statement(_ERASE, {"of": attendee_id})


def forget_unsent(id_: UUID, topic: str) -> Sequence[Statement]:
    """Delete what waits to be published about a person on the topic of people."""
    place = {"topic": topic, "key": str(id_)}
    return [Statement(_FORGET_UNSENT, place), Statement(_FORGET_REFUSED, place)]


def joined_attendee(row: Row) -> AttendeeRecord | None:
    """Return the attendee in a row; None before there is one, and once they were erased."""
    if row["attendee_id"] is None:
        return None
    return _record({column.name: row[f"attendee_{column.name}"] for column in attendees.c})


_NAMES = ", ".join(column.name for column in attendees.c)
_WITH_ADDRESS = sql(f"""
    SELECT {_NAMES} FROM attendees WHERE lower(email) = ANY(%(addresses)s)
    ORDER BY organizer_id, id
""")  # noqa: S608 -- names of columns
_WITH_IDS = sql(f"SELECT {_NAMES} FROM attendees WHERE id = ANY(%(ids)s) ORDER BY organizer_id, id")  # noqa: S608
_NAMES_OF = sql("SELECT booking_id, name FROM attendees WHERE booking_id = ANY(%(ids)s)")
_PAST = sql(f"""
    SELECT {", ".join(f"a.{column.name}" for column in attendees.c)}
    FROM attendees a JOIN bookings b ON b.id = a.booking_id
    WHERE b.ends_at < clock_timestamp() - %(days)s * interval '1 day'
    ORDER BY a.organizer_id, a.id LIMIT %(limit)s
""")  # noqa: S608 -- names of columns


async def with_address(
    connection: Connection, addresses: Sequence[str]
) -> Sequence[AttendeeRecord]:
    """Return all records with one of the addresses, which are in lower case."""
    return [_record(row) for row in await fetch(connection, _WITH_ADDRESS, addresses=addresses)]


async def with_ids(connection: Connection, ids: Sequence[UUID]) -> Sequence[AttendeeRecord]:
    """Return the records that are still there."""
    return [_record(row) for row in await fetch(connection, _WITH_IDS, ids=list(ids))]


async def names_of(connection: Connection, bookings: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the attendees' names by booking; who was erased is not there."""
    rows = await fetch(connection, _NAMES_OF, ids=list(bookings))
    return {row["booking_id"]: row["name"] for row in rows}


async def past(connection: Connection, days: int, limit: int) -> Sequence[AttendeeRecord]:
    """Return some attendees whose meeting, or what would have been one, is so many days ago."""
    return [_record(row) for row in await fetch(connection, _PAST, days=days, limit=limit)]


def _record(values: Row) -> AttendeeRecord:
    answers = tuple(Answer(**answer) for answer in values["answers"])
    reasons = tuple(
        SaidReason(datetime.fromisoformat(each["at"]), each["reason"]) for each in values["reasons"]
    )
    return AttendeeRecord(**{**values, "answers": answers, "reasons": reasons})


def _said(reason: str | None, at: datetime) -> Jsonb:
    return Jsonb([{"at": at.isoformat(), "reason": reason}] if reason else [])
