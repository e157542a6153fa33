"""Policy's tables: the chassis', users and who they are, plans of changes, and the audit."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

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
# How far Microsoft Graph has been read: the link to go on from.
graph_state = Table(
    "graph_state",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("link", Text),
    Column("is_last", Boolean, nullable=False, server_default=text("false")),
    # While all of it is read: who was not seen since is gone.
    Column("began_at", Instant),
)
plans = Table(
    "plans",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("made_at", Instant, nullable=False, server_default=func.clock_timestamp()),
    Column("applied_at", Instant),
)


def _read(name: str, type_: type[TypeEngine[Any]] = Text, *, nullable: bool = False) -> Column[Any]:
    """Return a column that is read out of the record."""
    inside = Computed(f"record::jsonb ->> '{name}'", persisted=True)
    return Column(COLUMNS.get(name, name), type_, inside, nullable=nullable)


COLUMNS = {"time": "at"}
# Written by the database's own functions, in the transaction of the change: migrations/0005.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    _read("id", Uuid),
    _read("time"),
    _read("outcome"),
    _read("who"),
    _read("what"),
    _read("whom", nullable=True),
    UniqueConstraint("id", name="audit_id_key"),
    Index("audit_who", "who", "number"),
    Index("audit_whom", "whom", "number"),
    Index("audit_at", "at"),
    Index("audit_refused", "at", "who", postgresql_where=text("outcome = 'refused'")),
)
