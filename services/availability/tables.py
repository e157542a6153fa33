"""Availability's tables: the chassis' and its read models of booking's events."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.postgres.tables import IDEMPOTENCY, INBOX, OUTBOX, TIMERS

metadata = MetaData()
for table in (*OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY):
    table.to_metadata(metadata)

Instant = DateTime(timezone=True)

pages = Table(
    "pages",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("published", Boolean, nullable=False, server_default="false"),
    Column("allowed", Boolean, nullable=False, server_default="false"),
    # As the event has them; NULL before the organizer has set any.
    Column("regular_hours", JSONB),
)
meeting_types = Table(
    "meeting_types",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("rules", JSONB, nullable=False),
    # Bookings outlast their type, and are moved by its last rules.
    Column("deleted", Boolean, nullable=False, server_default="false"),
)
private_links = Table(
    "private_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended", Text),
    Column("duration_minutes", Integer),
)
# The times that bookings take: for good, or as a hold until `expires_at`.
claims = Table(
    "claims",
    metadata,
    Column("booking_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("expires_at", Instant),
    # Of a time that an offer holds: whoever has its link may book it. `booking_id` is the offer's.
    Column("link_id", Uuid),
    PrimaryKeyConstraint("booking_id", "starts_at"),
    Index("claims_of_organizer", "organizer_id", "ends_at"),
)
