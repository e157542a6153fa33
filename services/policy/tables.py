"""Policy's tables: the chassis', the users that it knows, and the plans of changes."""

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    MetaData,
    Table,
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
plans = Table(
    "plans",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=func.clock_timestamp()),
    Column("applied_at", Instant),
)
