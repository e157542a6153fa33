"""Booking's tables: the streams are the truth, these make them findable."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from services.chassis.postgres.tables import EVENT_STORE, IDEMPOTENCY, INBOX, OUTBOX, TIMERS

metadata = MetaData()
for table in (*EVENT_STORE, *OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY):
    table.to_metadata(metadata)

Instant = DateTime(timezone=True)

pages = Table(
    "pages",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
)
meeting_types = Table(
    "meeting_types",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("meeting_types_slug", "organizer_id", "slug", unique=True),
)
private_links = Table(
    "private_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Index("private_links_type", "meeting_type_id", "id"),
)
bookings = Table(
    "bookings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("meeting_type_id", Uuid, nullable=False),
    Column("link_id", Uuid),
    Column("status", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("bookings_of_organizer", "organizer_id", "status", "id"),
)
# What no two bookings of an organizer can share: the guarantee is this constraint.
slot_claims = Table(
    "slot_claims",
    metadata,
    Column("booking_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("held_until", Instant),
    PrimaryKeyConstraint("booking_id", "during"),
    ExcludeConstraint(
        ("organizer_id", "="),
        ("during", "&&"),
        ("booking_id", "<>"),
        name="slot_claims_no_overlap",
        using="gist",
    ),
)
# The one place for what attendees say about themselves; deleting a row erases a person.
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
    # Said with the newest wish to move; it is the change's reason only once the move is made.
    Column("move_reason", Text),
)
# Availability's verdict on each reserved slot, as its events told it.
verdicts = Table(
    "verdicts",
    metadata,
    Column("booking_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("checked_at", Instant, nullable=False),
    PrimaryKeyConstraint("booking_id", "starts_at"),
)

# Signalled when verdicts and decisions have been applied, for those who wait for one.
VERDICTS = "verdicts"
