"""The notifier's tables: the deliveries, and the data that their letters need."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.postgres.tables import IDEMPOTENCY, INBOX, OUTBOX, TIMERS

metadata = MetaData()
for table in (*OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY):
    table.to_metadata(metadata)

Instant = DateTime(timezone=True)

# The copy of the restricted topic, the one place with attendees' data; a tombstone deletes the row.
attendees = Table(
    "attendees",
    metadata,
    Column("attendee_id", Uuid, primary_key=True),
    # Of somebody who has no booking it is their own id.
    Column("booking_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("change_reason", Text),
    # The correlation id with which the reason came: it belongs to the change with the same one.
    Column("said_in", Text, nullable=False),
    # The version of the booking with which the record came; NULL in records of before.
    Column("ics_sequence", Integer),
    Column("version", Integer),
    Column("answers", JSONB, nullable=False, server_default="[]"),
)
# Who is erased: nothing of them is taken in again, in whatever order the topics are read.
erasures = Table(
    "erasures",
    metadata,
    Column("attendee_id", Uuid, primary_key=True),
    # NULL where only a tombstone has come.
    Column("erased_at", Instant),
)
organizers = Table(
    "organizers",
    metadata,
    Column("organizer_id", Uuid, primary_key=True),
    Column("locale", Text, nullable=False),
    Column("time_zone_locked", Boolean, nullable=False),
    # NULL for a page that has not changed since these columns exist.
    Column("email", Text),
    Column("time_zone", Text),
)
# The newest known version of each booking: what overtakes a letter.
meetings = Table(
    "meetings",
    metadata,
    Column("booking_id", Uuid, primary_key=True),
    Column("ics_sequence", Integer, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    # The booking's version at the newest event that makes questions in letters needless.
    Column("version", Integer, nullable=False, server_default="0"),
)
# One row for each letter, for ever: what was enqueued once is never enqueued again.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("booking_id", Uuid, nullable=False),
    Column("organizer_id", Uuid, nullable=False),
    Column("attendee_id", Uuid, nullable=False),
    Column("ics_sequence", Integer, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # A part of the key, where one version of the calendar entry may have several of the kind.
    Column("occasion", Integer, nullable=False, server_default="0"),
    # The booking's version at the event, by which its letters are sent in order.
    Column("version", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    # The contract event as it was read: no attendee's data is in it.
    Column("event", JSONB, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text, nullable=False),
    # The event names an attendee's record with the reason of the change.
    Column("awaits_record", Boolean, nullable=False, server_default="false"),
    # Counts the claims; the one who holds the newest may settle the letter.
    Column("attempts", Integer, nullable=False),
    # While a letter is being sent: when its claim expires.
    Column("next_attempt_at", Instant, nullable=False),
    Column("give_up_at", Instant, nullable=False),
    Column("last_error", Text),
    Column("smtp_code", Integer),
    Column("message_id", Text),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    UniqueConstraint(
        "booking_id", "ics_sequence", "recipient", "kind", "occasion", name="deliveries_key"
    ),
    Index("deliveries_of_attendee", "attendee_id"),
    Index("deliveries_of_organizer", "organizer_id", "id"),
    Index("deliveries_in_state", "state", "id"),
)
Index(
    "deliveries_failed",
    deliveries.c.organizer_id,
    postgresql_where=deliveries.c.state == "failed",
)
Index(
    "deliveries_unfinished",
    deliveries.c.next_attempt_at,
    postgresql_where=deliveries.c.state.in_(("waiting", "sending", "retrying")),
)
