"""Policy's tables: the chassis', the users that it knows, who they are, and plans of changes."""

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.postgres.tables import (
    EVENT_STORE,
    IDEMPOTENCY,
    INBOX,
    OUTBOX,
    TIMERS,
    Instant,
)
from services.policy.domain.settings import UserSettings

# How the table writes a user's settings: what is empty is left out.
SETTINGS = TypeAdapter(UserSettings)

metadata = MetaData()
for table in (*EVENT_STORE, *OUTBOX, *INBOX, *TIMERS, *IDEMPOTENCY):
    table.to_metadata(metadata)

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    # The user's own settings without what is empty: few users differ, so few values do.
    Column("settings", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # What was decided last; NULL before the first decision.
    Column("enabled", Boolean),
)
# What users are found by. No event has it: it is corrected and erased here.
directory = Table(
    "directory",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_name", Text),
    # The name as it is compared: by the services, whatever letters the database knows.
    Column("user_key", Text),
    Column("display_name", Text),
    Column("mail", Text),
    Column("external_id", Text),
    Column("source", Text, nullable=False),
    Column("search", Text, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("since", Instant, nullable=False, server_default=func.clock_timestamp()),
    Column("changed_at", Instant, nullable=False, server_default=func.clock_timestamp()),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index(
        "directory_provisioned_name",
        "user_key",
        unique=True,
        postgresql_where=text("source = 'scim'"),
    ),
    Index("directory_external_id", "external_id"),
    Index(
        "directory_search",
        "search",
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    ),
)
plans = Table(
    "plans",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=func.clock_timestamp()),
    Column("applied_at", Instant),
)
