"""The chassis' tables as SQLAlchemy Core; `schema.py` makes them, a test holds both together."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_now = func.clock_timestamp()
Instant = DateTime(timezone=True)

events = Table(
    "events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("partition_key", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Instant, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("metadata", JSONB, nullable=False),
    UniqueConstraint("stream", "version", name="events_stream_version_key"),
    UniqueConstraint("partition_key", "sequence", name="events_partition_key_sequence_key"),
)
sequences = Table(
    "sequences",
    metadata,
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("topic", "key"),
)
outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary),
    Column("sequence", BigInteger),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary),
    Column("staged_at", Instant, nullable=False, server_default=_now),
)
outbox_refused = Table(
    "outbox_refused",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary),
    Column("sequence", BigInteger),
    Column("headers", Text, nullable=False),
    Column("value", LargeBinary),
    Column("staged_at", Instant, nullable=False),
    Column("fault", Text, nullable=False),
    Column("refused_at", Instant, nullable=False, server_default=_now),
    Index("outbox_refused_key", "topic", "key"),
)
relay_lease = Table(
    "relay_lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
inbox = Table(
    "inbox",
    metadata,
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("recent", LargeBinary, nullable=False, server_default=text("''::bytea")),
    PrimaryKeyConstraint("topic", "key"),
)
parked = Table(
    "parked",
    metadata,
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("record_offset", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("subject", Text),
    Column("reason", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("behind", Text),
    Column("parked_at", Instant, nullable=False, server_default=_now),
    PrimaryKeyConstraint("topic", "partition", "record_offset"),
    Index("parked_subject", "topic", "subject"),
)
timers = Table(
    "timers",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("kind", "key"),
    Index("timers_due", "due_at"),
)
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("minted_id", Uuid, nullable=False),
    # What the command is about; NULL once what is remembered of it was erased.
    Column("subject", Uuid),
    Column("locked_until", Instant),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Column("created_at", Instant, nullable=False, server_default=_now),
    Index("idempotency_keys_age", "created_at"),
    Index("idempotency_keys_subject", "subject"),
)

budget_counts = Table(
    "budget_counts",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("used", BigInteger, nullable=False),
    Column("most", BigInteger, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False, server_default=_now),
    Index("budget_counts_end", "ends_at"),
    Index("budget_counts_half_used", "changed_at", postgresql_where=text("used * 2 >= most")),
    prefixes=["UNLOGGED"],
)

EVENT_STORE = (events,)
OUTBOX = (sequences, outbox, outbox_refused, relay_lease)
INBOX = (inbox, parked)
TIMERS = (timers,)
IDEMPOTENCY = (idempotency_keys,)
BUDGETS = (budget_counts,)
