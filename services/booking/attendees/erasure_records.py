"""Requests of attendees for their data, erasures, and the receipts of the services for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
    false,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from contracts.envelope import Envelope
from contracts.notifier import MailDataErased
from services.booking.domain import held_data
from services.booking.metadata import Instant, metadata
from services.chassis.postgres.database import Connection, Statement, fetch, fetch_one, prepared

# Whose a mailed link is. The address is in the attendee's row only.
data_requests = Table(
    "data_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("attendee_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
)
# Of each erased attendee or addressee; what was erased at once has one `erasure_id`.
erasures = Table(
    "erasures",
    metadata,
    Column("attendee_id", Uuid, primary_key=True),
    Column("erasure_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    # Where they were held: with a booking, or with a private link, which may have ended with that.
    Column("booking_id", Uuid),
    Column("link_id", Uuid),
    Column("link_ended", Boolean, nullable=False, server_default=false()),
    Column("by", Text, nullable=False),
    Column("erased_at", Instant, nullable=False),
    Index("erasures_at_once", "erasure_id"),
    Index("erasures_of_booking", "booking_id"),
)
# What the other services answered; from their topics, not from the log of this one.
erasure_receipts = Table(
    "erasure_receipts",
    metadata,
    Column("attendee_id", Uuid, nullable=False),
    Column("service", Text, nullable=False),
    Column("erased_at", Instant, nullable=False),
    PrimaryKeyConstraint("attendee_id", "service"),
)

_ADD_REQUEST = prepared(
    insert(data_requests).values(
        id=bindparam("id"),
        attendee_id=bindparam("attendee_id"),
        organizer_id=bindparam("organizer_id"),
    )
)
_ADD_ERASURE = prepared(
    insert(erasures).values(
        {
            name: bindparam(name)
            for name in (
                "attendee_id",
                "erasure_id",
                "organizer_id",
                "booking_id",
                "link_id",
                "link_ended",
                "by",
                "erased_at",
            )
        }
    )
)
_ADD_RECEIPT = prepared(
    insert(erasure_receipts)
    .values({name: bindparam(name) for name in ("attendee_id", "service", "erased_at")})
    .on_conflict_do_nothing()
)
_REQUEST = prepared(
    select(data_requests.c.attendee_id).where(data_requests.c.id == bindparam("id", type_=Uuid))
)
_OF_BOOKING = prepared(
    select(erasures.c.by, erasures.c.erased_at).where(
        erasures.c.booking_id == bindparam("id", type_=Uuid)
    )
)
_ERASED = prepared(
    select(
        erasures.c.attendee_id,
        erasures.c.link_id,
        erasures.c.link_ended,
        erasures.c.by,
        erasures.c.erased_at,
        erasure_receipts.c.service,
        erasure_receipts.c.erased_at.label("receipt_at"),
    )
    .join(erasure_receipts, erasure_receipts.c.attendee_id == erasures.c.attendee_id, isouter=True)
    .where(erasures.c.erasure_id == bindparam("id", type_=Uuid))
    .order_by(erasures.c.attendee_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """One erased attendee, with one of the other services' receipts if there is any."""

    attendee_id: UUID
    link_id: UUID | None
    link_ended: bool
    by: held_data.Eraser
    erased_at: datetime
    service: str | None
    receipt_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureOfBooking:
    """When the attendee of a booking was erased, and by whom."""

    by: held_data.Eraser
    erased_at: datetime


def add_request(request_id: UUID, attendee_id: UUID, organizer_id: UUID) -> Statement:
    """Keep whose the link of the request is."""
    ids = {"id": request_id, "attendee_id": attendee_id, "organizer_id": organizer_id}
    return Statement(_ADD_REQUEST, ids)


def add_erasure(attendee_id: UUID, organizer_id: UUID, erased: held_data.DataErased) -> Statement:
    """Keep that the attendee was erased."""
    return Statement(
        _ADD_ERASURE,
        {
            "attendee_id": attendee_id,
            "erasure_id": erased.erasure_id,
            "organizer_id": organizer_id,
            "booking_id": erased.booking_id,
            "link_id": erased.link_id,
            "link_ended": erased.link_ends,
            "by": erased.by,
            "erased_at": erased.at,
        },
    )


def receipt_of(event: MailDataErased, envelope: Envelope) -> Statement:
    """Keep another service's receipt."""
    service = envelope.source.rpartition("/")[2]
    values = {"attendee_id": event.attendee_id, "service": service, "erased_at": event.erased_at}
    return Statement(_ADD_RECEIPT, values)


async def requesting_attendee(connection: Connection, request_id: UUID) -> UUID | None:
    """Return the attendee whose link it is."""
    row = await fetch_one(connection, _REQUEST, id=request_id)
    return row["attendee_id"] if row else None


async def erasure_rows(connection: Connection, erasure_id: UUID) -> Sequence[ErasureRow]:
    """Return what was erased at once, with the receipts that have come."""
    return [ErasureRow(**row) for row in await fetch(connection, _ERASED, id=erasure_id)]


async def erasures_of(connection: Connection, booking_id: UUID) -> Sequence[ErasureOfBooking]:
    """Return the erasures of the booking's attendee: none, or one."""
    return [ErasureOfBooking(**row) for row in await fetch(connection, _OF_BOOKING, id=booking_id)]
