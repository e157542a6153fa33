"""Availability's tables: the chassis', its read models of booking's events, calendars."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
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
# The calendars that organizers have connected. `sealed` has address and credentials; `place` is
# what of the address may be shown. Not read again before `closed_from`, nothing is offered then.
calendars = Table(
    "calendars",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organizer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("written", Boolean, nullable=False, server_default="false"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("time_zone", Text, nullable=False),
    Column("state", JSONB, nullable=False, server_default="{}"),
    Column("window_end", Instant),
    Column("hours", JSONB),
    Column("skipped", JSONB, nullable=False, server_default="[]"),
    Column("connected_at", Instant, nullable=False, server_default=text("clock_timestamp()")),
    Column("read_at", Instant),
    Column("closed_from", Instant, nullable=False),
    Column("broken_since", Instant),
    Column("broken_reason", Text),
    Column("announced", Boolean, nullable=False, server_default="false"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_read_at", Instant, nullable=False),
    Column("lease", Uuid),
    Column("leased_until", Instant),
    Index("calendars_of_organizer", "organizer_id"),
    Index("one_written_calendar", "organizer_id", unique=True, postgresql_where=text("written")),
    Index("calendars_due", "next_read_at"),
)
# What entries of calendars take, in microseconds since 1970 as the engine counts; `key` is the
# provider's of the entry, whose words are not kept.
busy_times = Table(
    "busy_times",
    metadata,
    Column("calendar_id", Uuid, ForeignKey(calendars.c.id, ondelete="CASCADE"), nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    Column("key", Text, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("all_day", Boolean, nullable=False),
    Index("busy_times_of_organizer", "organizer_id", "ends"),
    Index("busy_times_of_calendar", "calendar_id", "key"),
)
# How often the times that an organizer's calendars take have changed.
free_busy = Table(
    "free_busy",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
